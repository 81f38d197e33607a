with

-- Posts of past days can be read, their follower counts cannot: where a source reads both, no day is captured before
-- the first count.
spans as (
    select
        source,
        account_key,
        min(start_date) as first_date,
        max(end_date) as last_date,
        coalesce(min(start_date) filter (where quantity = 'follower_count'), min(start_date)) as whole_from_date,
        coalesce(max(end_date) filter (where quantity = 'follower_count'), max(end_date)) as whole_to_date
    from {{ ref('int_source_periods') }}
    group by source, account_key
),

gaps as (
    select source, account_key, quantity, gap_day_count, gap_start_date as start_date, gap_end_date as end_date
    from {{ ref('int_source_gaps') }}
),

-- A day on which two quantities are missing is one missing day.
missing_runs as (
    {{ joined_periods('gaps', ['source', 'account_key']) }}
),

missing as (
    select
        missing_runs.source,
        missing_runs.account_key,
        cast(sum({{ days_between('missing_runs.start_date', 'missing_runs.end_date') }} + 1) as bigint)
            as missing_day_count,
        cast(sum(greatest(0, {{ days_between(
            'greatest(missing_runs.start_date, spans.whole_from_date)',
            'least(missing_runs.end_date, spans.whole_to_date)'
        ) }} + 1)) as bigint) as whole_missing_day_count
    from missing_runs
    inner join spans on missing_runs.source = spans.source and missing_runs.account_key = spans.account_key
    group by missing_runs.source, missing_runs.account_key
),

-- What no quantity covers is named only where none of them has the gap already.
named as (
    select gaps.*
    from gaps
    left join gaps as wider
        on
            gaps.source = wider.source
            and gaps.account_key = wider.account_key
            and gaps.quantity = 'anything'
            and wider.quantity <> 'anything'
            and gaps.start_date between wider.start_date and wider.end_date
    where wider.source is null
),

ranked as (
    select
        named.source,
        named.account_key,
        named.start_date,
        named.quantity,
        'no ' || case named.quantity
            when 'follower_count' then 'follower counts' when 'daily_figures' then 'daily figures'
            when 'anything' then 'data' else named.quantity
        end || ' for ' || named.start_date || case
            when named.gap_day_count > 1 then ' to ' || named.end_date || ' (' || named.gap_day_count || ' days)'
            else ''
        end as gap_text,
        count(*) over (partition by named.source, named.account_key) as gap_count,
        row_number() over (
            partition by named.source, named.account_key
            order by named.gap_day_count desc, named.start_date asc, named.quantity asc
        ) as size_rank
    from named
),

notes as (
    select
        source,
        account_key,
        max(gap_count) as gap_count,
        {{ joined_texts('gap_text', 'start_date, quantity', 'size_rank <= 3') }} as largest_gaps
    from ranked
    group by source, account_key
),

follower_days as (
    select
        source,
        account_key,
        cast(sum({{ days_between('start_date', 'end_date') }} + 1) as bigint) as day_count,
        {{ days_between('min(start_date)', 'max(end_date)') }} + 1 as span_day_count
    from {{ ref('int_source_periods') }}
    where quantity = 'follower_count'
    group by source, account_key
)

select
    spans.source,
    spans.account_key,
    cast(spans.first_date as {{ type_utc_time() }}) as first_captured_at,
    cast(spans.last_date as {{ type_utc_time() }}) as last_captured_at,
    cast({{ days_between('spans.whole_from_date', 'spans.whole_to_date') }} + 1 as bigint)
    - {{ zero_if_no_row('missing.source', 'missing.whole_missing_day_count') }} as captured_day_count,
    {{ zero_if_no_row('missing.source', 'missing.missing_day_count') }} as missing_day_count,
    follower_days.day_count as follower_day_count,
    follower_days.span_day_count - follower_days.day_count as missing_follower_day_count,
    shares.captured_post_share,
    case
        when notes.gap_count > 3 then notes.gap_count || ' gaps, the largest: ' || notes.largest_gaps
        else notes.largest_gaps
    end as gap_note
from spans
left join missing on spans.source = missing.source and spans.account_key = missing.account_key
left join notes on spans.source = notes.source and spans.account_key = notes.account_key
left join follower_days on spans.source = follower_days.source and spans.account_key = follower_days.account_key
left join {{ ref('int_post_capture_shares') }} as shares
    on spans.source = shares.source and spans.account_key = shares.account_key
