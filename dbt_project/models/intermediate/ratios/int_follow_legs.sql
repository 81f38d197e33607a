with

medians as (
    select account_key, window_number, median(following_count) as median_following_count
    from {{ ref('int_follow_days') }}
    group by account_key, window_number
),

directions as (
    select
        days.*,
        medians.median_following_count,
        case
            when
                abs(days.following_change) >= greatest(
                    {{ threshold('churn_flat_follows_from') }},
                    {{ threshold('churn_flat_share') }} * medians.median_following_count
                )
                then sign(days.following_change)
        end as direction
    from {{ ref('int_follow_days') }} as days
    inner join medians on days.account_key = medians.account_key and days.window_number = medians.window_number
),

-- A flat day continues the direction before it; the days before the first direction belong to no leg.
carried as (
    select
        account_key,
        window_number,
        date,
        day_count,
        following_change,
        follower_change,
        median_following_count,
        -- Followers since the start of the window, without what a platform event explains.
        sum(follower_change) over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as follower_level,
        {{ last_known('direction') }} over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as direction
    from directions
),

turns as (
    select
        carried.*,
        coalesce(
            direction <> lag(direction) over (partition by account_key, window_number order by date), true
        ) as is_turn
    from carried
    where direction is not null
),

numbered as (
    select
        turns.*,
        count(*) filter (where is_turn) over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as leg_number
    from turns
),

legs as (
    select
        account_key,
        window_number,
        leg_number,
        any_value(direction) as direction,
        any_value(median_following_count) as median_following_count,
        min(date) as start_date,
        max(date) as end_date,
        sum(day_count)::bigint as day_count,
        sum(following_change)::bigint as following_change,
        sum(follower_change)::bigint as follower_change,
        max(follower_level)::bigint as highest_follower_level,
        max_by(follower_level, date)::bigint as last_follower_level
    from numbered
    group by account_key, window_number, leg_number
),

sized as (
    select
        legs.*,
        direction * following_change >= greatest(
            {{ threshold('churn_leg_follows_from') }},
            {{ threshold('churn_leg_share') }} * median_following_count
        ) as is_large
    from legs
)

select
    account_key,
    window_number,
    leg_number,
    direction = 1 as is_up,
    start_date,
    end_date,
    day_count,
    following_change,
    follower_change,
    is_large,
    -- Legs take turns, so the leg before a leg down goes up.
    direction = -1 and is_large and lag(is_large) over account_legs is true as is_cycle_end,
    lag(start_date) over account_legs as previous_start_date,
    -- The follows of the leg before and the wait after them.
    {{ days_between('lag(start_date) over account_legs', 'start_date') }} as previous_leg_days,
    -- From the peak since the leg down before: followers may leave long before they are dropped.
    greatest(
        highest_follower_level,
        lag(highest_follower_level) over account_legs,
        lag(highest_follower_level, 2) over account_legs
    ) - last_follower_level as follower_fall
from sized
window account_legs as (partition by account_key, window_number order by leg_number)
