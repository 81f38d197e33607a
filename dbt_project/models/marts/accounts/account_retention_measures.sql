with

-- The curve holds day 7 wherever anybody was watched for so long.
week_shares as (
    select
        'quit_by_day_7' as measure,
        segment_dimension,
        segment,
        silence_days,
        account_count,
        -- The curve is published to twelve decimals; so is its complement.
        round(1 - survival_share, 12) as share,
        round(1 - conf_high, 12) as share_low,
        round(1 - conf_low, 12) as share_high
    from {{ ref('int_retention_estimates') }}
    where day = 7
),

-- Who is not in the curve although it was watched since its first week.
left_out as (
    select
        segments.segment_dimension,
        segments.segment,
        count(*) filter (where accounts.exclusion_reason = 'never_posted') as never_posted_count
    from {{ ref('int_retention_accounts') }} as accounts
    inner join {{ ref('int_ratio_segments') }} as segments on accounts.account_key = segments.account_key
    group by segments.segment_dimension, segments.segment
),

months as (
    select
        segments.segment_dimension,
        segments.segment,
        count(*) as account_count,
        {{ divide('count(*) filter (where not months.has_returned)', 'count(*)') }} as share
    from {{ ref('int_retention_months') }} as months
    inner join {{ ref('int_ratio_segments') }} as segments on months.account_key = segments.account_key
    where segments.segment_dimension in ('all', 'platform', 'industry', 'company_size', 'customer_focus')
    group by segments.segment_dimension, segments.segment
),

measured as (
    select * from week_shares
    union all
    select
        'no_return_next_month' as measure,
        segment_dimension,
        segment,
        null as silence_days,
        account_count,
        share,
        {{ wilson_limit('share', 'account_count', 'low') }} as share_low,
        {{ wilson_limit('share', 'account_count', 'high') }} as share_high
    from months
)

select
    measured.measure,
    'measured' as origin,
    measured.segment_dimension,
    measured.segment,
    measured.silence_days,
    measured.account_count,
    left_out.never_posted_count,
    measured.share,
    measured.share_low,
    measured.share_high,
    null as claim,
    'accounts that posted at least once, watched since their first week' as base,
    'this warehouse' as source,
    case
        when measured.account_count >= {{ threshold('retention_accounts_from') }} then 'ok' else 'insufficient_data'
    end as status,
    case
        when measured.account_count < {{ threshold('retention_accounts_from') }}
            then measured.account_count || ' accounts that posted, watched since their first week and long enough; '
            || cast({{ threshold('retention_accounts_from') }} as integer) || ' are needed'
    end as status_reason
from measured
left join left_out
    on measured.segment_dimension = left_out.segment_dimension and measured.segment = left_out.segment
union all
select
    measure,
    'published' as origin,
    'all' as segment_dimension,
    'all' as segment,
    null as silence_days,
    null as account_count,
    null as never_posted_count,
    share,
    null as share_low,
    null as share_high,
    claim || ' (' || as_of || ')' as claim,
    base,
    source,
    'not_testable' as status,
    'a published figure without sample size: context, not a target' as status_reason
from {{ ref('published_retention') }}
