with

days as (
    select
        account_key,
        date,
        cast(date_trunc('week', date) as date) as week_start_date,
        follower_count,
        following_count
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null
),

weeks as (
    select
        account_key,
        week_start_date,
        count(*) as captured_day_count,
        max_by(follower_count, date) as follower_count,
        max_by(following_count, date) filter (where following_count is not null) as following_count
    from days
    group by account_key, week_start_date
)

select
    account_key,
    week_start_date,
    captured_day_count,
    {{ divide('captured_day_count', 7) }} as coverage_share,
    follower_count,
    following_count
from weeks
