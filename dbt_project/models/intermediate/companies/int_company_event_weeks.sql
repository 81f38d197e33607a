-- Company x event x platform: mean weekly growth of the weeks that end before it and of those that begin after it.
with

weeks as (
    select
        events.company_key,
        events.event_kind,
        events.event_platform,
        events.event,
        events.start_date as event_start_date,
        events.end_date as event_end_date,
        growth.platform,
        growth.account_key,
        growth.growth_rate,
        growth.end_date <= events.start_date as is_before,
        growth.start_date > events.end_date as is_after,
        growth.follower_count_end - growth.follower_count_start as follower_change
    from {{ ref('int_company_events') }} as events
    inner join {{ ref('int_company_growth_weeks') }} as growth
        on
            events.company_key = growth.company_key
            and growth.week_start_date
            >= {{ iso_week('events.start_date') }} - 7 * cast({{ threshold('migration_window_weeks') }} as integer)
            and growth.week_start_date
            <= {{ iso_week('events.end_date') }} + 7 * cast({{ threshold('migration_window_weeks') }} as integer)
    where growth.is_large_enough
)

select
    company_key,
    event_kind,
    event_platform,
    event,
    event_start_date,
    event_end_date,
    platform,
    account_key,
    {%- for side in ['before', 'after'] %}
    count(*) filter (where is_{{ side }}) as week_count_{{ side }},
    round(avg(growth_rate) filter (where is_{{ side }}), 12) as growth_rate_{{ side }},
    var_samp(growth_rate) filter (where is_{{ side }}) as variance_{{ side }},
    {%- endfor %}
    -- In the weeks that the event lies in.
    cast(sum(follower_change) filter (where not is_before and not is_after) as bigint) as follower_change_during
from weeks
group by
    company_key, event_kind, event_platform, event, event_start_date, event_end_date, platform, account_key
