with

last_days as (
    select account_key, max(date) as last_date
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null and following_count is not null
    group by account_key
),

-- The first change of the window is one since the reading before it.
starts as (
    select days.account_key, max(days.date) as start_date
    from {{ ref('int_account_snapshots_daily') }} as days
    inner join last_days on days.account_key = last_days.account_key
    where
        days.follower_count is not null
        and days.following_count is not null
        and {{ days_between('days.date', 'last_days.last_date') }} >= {{ threshold('churn_window_days') }}
    group by days.account_key
),

readings as (
    select days.account_key, days.platform, days.date, days.follower_count, days.following_count
    from {{ ref('int_account_snapshots_daily') }} as days
    left join starts on days.account_key = starts.account_key
    where
        days.follower_count is not null
        and days.following_count is not null
        and (starts.start_date is null or days.date >= starts.start_date)
),

{{ follow_changes(window_number='0') }}
where {{ days_between('date', 'last_date') }} < {{ threshold('churn_window_days') }}
