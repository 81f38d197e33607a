with

latest as (
    select
        account_key,
        max(date) as as_of_date,
        max_by(platform, date) as platform,
        max_by(follower_count, date) as follower_count,
        max_by(following_count, date) as following_count,
        max_by(created_at, date) filter (where created_at is not null) as created_at
    from {{ ref('int_account_snapshots_daily') }}
    where
        follower_count is not null
        and following_count is not null
        and account_key not in (select account_key from {{ ref('int_accounts_bridged') }})
    group by account_key
)

select
    account_key,
    platform,
    as_of_date,
    follower_count,
    following_count,
    {{ divide('follower_count', 'following_count') }} as followers_per_following,
    ln(follower_count + 1) - ln(following_count + 1) as log_ratio,
    {{ ratio_style('follower_count', 'following_count') }} as ratio_style,
    {{ size_tier('follower_count') }} as size_tier,
    -- Without a known limit, or without followers, whose ratio is not defined, the account is not at it.
    coalesce(
        {{ is_follow_limited('follower_count', 'following_count', 'latest.platform', 'as_of_date') }}, false
    ) as is_follow_limited,
    -- A creation time after the reading is a mistake of the source and says nothing about age.
    case
        when cast(created_at as date) <= as_of_date
            then {{ days_between('cast(created_at as date)', 'as_of_date') }} < {{ threshold('newer_account_days') }}
    end as is_newer
from latest
