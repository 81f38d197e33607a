-- Account: how the accounts followed move with the followers from week to week; follow-back by rule has a slope of one.
with

changes as (
    select
        levels.account_key,
        levels.follower_count - previous.follower_count as follower_change,
        levels.following_count - previous.following_count as following_change
    from {{ ref('int_account_week_levels') }} as levels
    inner join {{ ref('int_account_week_levels') }} as previous
        on levels.account_key = previous.account_key and levels.week_start_date - 7 = previous.week_start_date
    where
        levels.follower_count <> previous.follower_count
        and levels.following_count is not null
        and previous.following_count is not null
)

select
    account_key,
    count(*) as week_count,
    -- Rounded, because threads add in any order. One week, or equal changes in all, have no slope.
    case when min(follower_change) < max(follower_change) then round(regr_slope(following_change, follower_change), 9)
    end as slope,
    case when min(follower_change) < max(follower_change) then round(regr_r2(following_change, follower_change), 9)
    end as r2
from changes
group by account_key
