with

weeks as (
    select
        account_key,
        split_part(account_key, ':', 1) as platform,
        week_start_date,
        growth_rate,
        follower_count_start,
        {{ week_begin('reading_start_at', 'week_start_date') }} as start_at,
        {{ week_end('reading_end_at', 'week_start_date') }} as end_at
    from {{ ref('int_account_week_growth') }}
),

detected as (
    select platform, week_start_date, count(*) as account_count, median(growth_rate) as median_growth_rate
    from weeks
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
    group by platform, week_start_date
    having
        count(*) >= {{ threshold('purge_accounts_from') }}
        and median(growth_rate) < {{ threshold('purge_growth_below') }}
),

-- The readings of an account decide which of its weeks a day lies in: for a reader on Wednesday the purge that the
-- others see in this week lies in the one before.
dated as (
    select distinct weeks.account_key, weeks.week_start_date
    from weeks
    inner join {{ ref('int_follow_purge_days') }} as days
        on
            weeks.platform = days.platform
            and cast(weeks.start_at as date) < days.date
            and cast(weeks.end_at as date) >= days.date
    where not days.is_known
),

listed as (
    select distinct weeks.account_key, weeks.week_start_date
    from weeks
    inner join {{ ref('platform_events') }} as events
        on
            weeks.platform = events.platform
            and weeks.start_at < {{ midnight('events.end_date + 1') }}
            and weeks.end_at > {{ midnight('events.start_date') }}
)

select
    weeks.account_key,
    weeks.week_start_date,
    detected.account_count,
    detected.median_growth_rate,
    listed.account_key is not null as is_listed
from weeks
left join detected on weeks.platform = detected.platform and weeks.week_start_date = detected.week_start_date
left join listed on weeks.account_key = listed.account_key and weeks.week_start_date = listed.week_start_date
left join dated on weeks.account_key = dated.account_key and weeks.week_start_date = dated.week_start_date
where detected.platform is not null or listed.account_key is not null or dated.account_key is not null
