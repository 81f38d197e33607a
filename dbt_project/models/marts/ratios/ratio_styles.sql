with

latest as (
    select
        account_key,
        max(date) as as_of_date,
        max_by(follower_count, date) as follower_count,
        max_by(following_count, date) as following_count
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null and following_count is not null
    group by account_key
),

changes as (
    select
        account_key,
        week_start_date,
        lag(ratio_style) over (partition by account_key order by week_start_date) as previous_style,
        ratio_style
    from {{ ref('int_ratio_style_weeks') }}
),

histories as (
    select
        account_key,
        count(*) filter (where ratio_style <> previous_style) as ratio_style_change_count,
        coalesce(
            max(week_start_date) filter (where ratio_style <> previous_style), min(week_start_date)
        ) as ratio_style_since_date
    from changes
    group by account_key
),

-- A repost's reactions belong to its author.
engagements as (
    select
        latest.account_key,
        avg(posts.reaction_count) as reactions_per_post,
        count(posts.reaction_count) as post_count
    from latest
    inner join {{ ref('int_posts') }} as posts
        on
            latest.account_key = posts.account_key
            and cast(posts.created_at as date)
            between latest.as_of_date - cast({{ threshold('engagement_window_days') }} as integer) and latest.as_of_date
    where posts.post_kind not in ('repost', 'reply', 'self_reply')
    group by latest.account_key
)

select
    latest.account_key,
    latest.as_of_date,
    latest.follower_count,
    latest.following_count,
    {{ divide('latest.follower_count', 'latest.following_count') }} as followers_per_following,
    {{ ratio_style('latest.follower_count', 'latest.following_count') }} as ratio_style,
    {{ size_tier('latest.follower_count') }} as size_tier,
    histories.ratio_style_since_date,
    histories.ratio_style_change_count,
    {{ is_follow_limited('latest.follower_count', 'latest.following_count', 'latest.as_of_date') }}
        as is_follow_limited,
    {{ divide('1000 * engagements.reactions_per_post', 'latest.follower_count') }} as engagement_per_1000_followers,
    engagements.post_count as engagement_post_count
from latest
left join histories on latest.account_key = histories.account_key
left join engagements on latest.account_key = engagements.account_key
