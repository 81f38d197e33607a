with

readings as (
    select
        account_key,
        platform,
        date,
        follower_count,
        following_count,
        lag(date) over account_days as previous_date,
        follower_count - lag(follower_count) over account_days as follower_change,
        following_count - lag(following_count) over account_days as following_change,
        max(date) over (partition by account_key) as last_date
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null and following_count is not null
    window account_days as (partition by account_key order by date)
),

purge_days as (
    select platform, date as purge_date from {{ ref('int_follow_purge_days') }}
),

calendar_days as (
    select platform, date, cast(null as date) as purge_date from readings
    union
    select platform, purge_date as date, purge_date from purge_days
),

last_purges as (
    select
        platform,
        date,
        max(max(purge_date)) over (partition by platform order by date rows unbounded preceding) as purge_date
    from calendar_days
    group by platform, date
),

-- The last event up to the day lies between the two readings, or none does.
marked as (
    select
        readings.*,
        coalesce(last_purges.purge_date > readings.previous_date, false) as is_platform_event,
        settled.last_settled_week_date + 6 as settled_date
    from readings
    inner join last_purges on readings.platform = last_purges.platform and readings.date = last_purges.date
    cross join {{ ref('int_settled_weeks') }} as settled
),

-- Growth models leave out weeks by what the settled weeks show. If each new day could change that, weeks of years ago
-- would enter and leave the models, and every estimate would be made again every day.
windowed as (
    select marked.*, 0 as window_number
    from marked
    where {{ days_between('date', 'last_date') }} < {{ threshold('churn_window_days') }}
    union all
    select
        marked.*,
        1 + cast(
            floor({{ divide(days_between('date', 'least(settled_date, last_date)'), threshold('churn_window_days')) }})
            as integer
        ) as window_number
    from marked
    where date <= settled_date
)

select
    account_key,
    date,
    window_number,
    follower_count,
    following_count,
    {{ days_between('previous_date', 'date') }} as day_count,
    case when not is_platform_event then follower_change end as follower_change,
    case when not is_platform_event then following_change end as following_change,
    is_platform_event
from windowed
