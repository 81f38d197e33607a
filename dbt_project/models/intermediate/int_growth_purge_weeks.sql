-- Platform x ISO week in which the platform removed followers from everybody: by the list of events, or by the counts.
with

growth as (
    select split_part(account_key, ':', 1) as platform, week_start_date, growth_rate
    from {{ ref('int_account_week_growth') }}
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
),

detected as (
    select platform, week_start_date, count(*) as account_count, median(growth_rate) as median_growth_rate
    from growth
    group by platform, week_start_date
    having
        count(*) >= {{ threshold('purge_accounts_from') }}
        and median(growth_rate) < {{ threshold('purge_growth_below') }}
),

event_days as (
    select platform, {{ each_day('start_date', 'end_date') }} as date
    from {{ ref('platform_events') }}
),

listed as (
    select distinct platform, cast(date_trunc('week', date) as date) as week_start_date
    from event_days
)

select
    coalesce(detected.platform, listed.platform) as platform,
    coalesce(detected.week_start_date, listed.week_start_date) as week_start_date,
    detected.account_count,
    detected.median_growth_rate,
    listed.platform is not null as is_listed
from detected
full outer join listed
    on detected.platform = listed.platform and detected.week_start_date = listed.week_start_date
