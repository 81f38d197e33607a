-- Account x ISO week with a reading: the week's last counts and the ratio style that they give.
with

levels as (
    select account_key, week_start_date, follower_count, following_count
    from {{ ref('int_account_week_levels') }}
    where follower_count is not null and following_count is not null
)

select
    account_key,
    week_start_date,
    {{ divide('follower_count', 'following_count') }} as followers_per_following,
    {{ ratio_style('follower_count', 'following_count') }} as ratio_style
from levels
