with

spans as (
    select
        source,
        account_key,
        min(start_date) as first_date,
        max(end_date) as last_date,
        cast(sum({{ days_between('start_date', 'end_date') }} + 1) as bigint) as captured_day_count
    from {{ ref('int_source_periods') }}
    group by source, account_key
),

gaps as (
    select
        source,
        account_key,
        count(*) as gap_count,
        {{ joined_texts(
            "gap_start_date || ' to ' || gap_end_date || ' (' || gap_day_count || ' days)'",
            'gap_start_date', 'size_rank <= 3'
        ) }} as largest_gaps
    from {{ ref('int_source_gaps') }}
    group by source, account_key
)

select
    spans.source,
    spans.account_key,
    cast(spans.first_date as {{ type_utc_time() }}) as first_captured_at,
    cast(spans.last_date as {{ type_utc_time() }}) as last_captured_at,
    spans.captured_day_count,
    {{ days_between('spans.first_date', 'spans.last_date') }} + 1 - spans.captured_day_count as missing_day_count,
    shares.captured_post_share,
    case
        when gaps.gap_count > 3 then gaps.gap_count || ' gaps, the largest: ' || gaps.largest_gaps
        when gaps.gap_count > 0 then 'no data for ' || gaps.largest_gaps
    end as gap_note
from spans
left join gaps on spans.source = gaps.source and spans.account_key = gaps.account_key
left join {{ ref('int_post_capture_shares') }} as shares
    on spans.source = shares.source and spans.account_key = shares.account_key
