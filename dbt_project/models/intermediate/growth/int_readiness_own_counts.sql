-- Own account x question about it alone: what there is and what is missing.
with

own as (
    select account_key
    from {{ ref('accounts') }}
    where is_own
),

readings as (
    select max(date) as as_of_date
    from {{ ref('int_account_snapshots_daily') }}
),

days as (
    select
        account_key,
        max(date) as as_of_date,
        {{ days_between('min(date)', 'max(date)') }} + 1 as span_day_count
    from {{ ref('int_growth_own_days') }}
    group by account_key
),

estimates as (
    select
        account_key,
        day_count,
        new_follow_count,
        status,
        status_reason,
        -- Change of new follows when the response doubles.
        exp(
            ln(2) * ((conf_high - conf_low) / 2 + {{ threshold('power_quantile') }} * standard_error)
        ) - 1 as smallest_effect
    from {{ ref('int_growth_own_estimates') }}
    where specification = 'same_day' and term = 'response'
),

-- Days and follows are both needed; the one that takes longer at the present pace decides.
left_days as (
    select
        estimates.account_key,
        days.as_of_date,
        estimates.day_count,
        estimates.status,
        estimates.status_reason,
        estimates.smallest_effect,
        greatest(
            {{ threshold('own_days_from') }} - estimates.day_count,
            {{ divide(
                'greatest(0, ' ~ threshold('own_follows_from') ~ ' - estimates.new_follow_count) * estimates.day_count',
                'estimates.new_follow_count'
            ) }},
            0
        ) as left_day_count,
        {{ divide('estimates.day_count', 'days.span_day_count') }} as pace
    from estimates
    inner join days on estimates.account_key = days.account_key
),

growth as (
    select
        own.account_key,
        {{ zero_if_no_row('weeks.account_key', 'weeks.week_count') }} as week_count,
        benchmark.peer_count,
        benchmark.status,
        benchmark.status_reason,
        (benchmark.conf_high - benchmark.conf_low) / 2 * (1 + {{ divide(threshold('power_quantile'), '1.96') }})
            as smallest_effect
    from own
    left join {{ ref('int_benchmark_growth') }} as weeks on own.account_key = weeks.account_key
    left join {{ ref('benchmark') }} as benchmark
        on own.account_key = benchmark.account_key and benchmark.metric = 'weekly_growth_rate'
)

select
    'own_account' as question,
    own.account_key,
    coalesce(left_days.as_of_date, readings.as_of_date) as as_of_date,
    1 as account_count,
    {{ zero_if_no_row('left_days.account_key', 'left_days.day_count') }} as day_count,
    cast({{ threshold('own_days_from') }} as bigint) as needed_day_count,
    cast(ceil(round({{ divide('left_days.left_day_count', 'nullif(left_days.pace, 0)') }}, 6)) as bigint)
        as calendar_day_count,
    left_days.smallest_effect as smallest_effect_visible,
    coalesce(left_days.status, 'insufficient_data') as status,
    coalesce(
        left_days.status_reason,
        case split_part(own.account_key, ':', 1)
            when 'x'
                then 'no day with new follows was read: only the daily account export of X Analytics has them'
            when 'linkedin' then
                {{ quoted("no day with new followers was read: only the export of the page's followers has them") }}
            else 'the platform does not report new follows by day'
        end
    ) as shortage
from own
cross join readings
left join left_days on own.account_key = left_days.account_key
union all
select
    'benchmark' as question,
    growth.account_key,
    readings.as_of_date,
    {{ zero_if_no_row('growth.peer_count', 'growth.peer_count') }} + 1 as account_count,
    -- Growth of a week has two week ends.
    case when growth.week_count > 0 then 7 * (growth.week_count + 1) end as day_count,
    14 as needed_day_count,
    case when growth.week_count = 0 then 14 end as calendar_day_count,
    growth.smallest_effect as smallest_effect_visible,
    coalesce(growth.status, 'insufficient_data') as status,
    coalesce(
        growth.status_reason,
        'no growth of a whole week yet: it needs readings near two week ends'
        || case split_part(growth.account_key, ':', 1)
            when 'linkedin' then {{ quoted("; only LinkedIn's table of competitors states follower totals") }} else ''
        end
    ) as shortage
from growth
cross join readings
