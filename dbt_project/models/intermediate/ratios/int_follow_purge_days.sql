with

known as (
    select
        platform,
        {{ each_day('start_date', 'end_date') }} as date
    from {{ ref('platform_events') }}
),

changes as (
    select
        today.platform,
        today.date,
        ln(today.follower_count) - ln(yesterday.follower_count) as log_change
    from {{ ref('int_account_snapshots_daily') }} as today
    inner join {{ ref('int_account_snapshots_daily') }} as yesterday
        on today.account_key = yesterday.account_key and today.date - 1 = yesterday.date
    where today.follower_count > 0 and yesterday.follower_count >= {{ threshold('panel_followers_from') }}
),

detected as (
    select platform, date
    from changes
    group by platform, date
    having
        count(*) >= {{ threshold('purge_accounts_from') }}
        and median(log_change) < {{ threshold('purge_median_change_below') }}
),

found as (
    select platform, date, true as is_known from known
    union all
    select platform, date, false as is_known from detected
)

select platform, date, bool_or(is_known) as is_known
from found
group by platform, date
