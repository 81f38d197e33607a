with

identified as (
    {{ with_account_key('stg_account_daily') }}
),

ordered as (
    select
        identified.*,
        row_number() over (partition by account_key, date order by captured_at, lake_sequence) as revision
    from identified
),

latest as (
    select
        account_key,
        date,
        max(platform) as platform,
        max_by(handle, revision) filter (where handle is not null) as handle,
        max_by(impression_count, revision) filter (where impression_count is not null) as impression_count,
        max_by(like_count, revision) filter (where like_count is not null) as like_count,
        max_by(repost_count, revision) filter (where repost_count is not null) as repost_count,
        max_by(reply_count, revision) filter (where reply_count is not null) as reply_count,
        max_by(engagement_count, revision) filter (where engagement_count is not null) as engagement_count,
        max_by(link_click_count, revision) filter (where link_click_count is not null) as link_click_count,
        max_by(new_follow_count, revision) filter (where new_follow_count is not null) as new_follow_count,
        max_by(unfollow_count, revision) filter (where unfollow_count is not null) as unfollow_count,
        max_by(net_follow_count, revision) filter (where net_follow_count is not null) as net_follow_count,
        max_by(post_count, revision) filter (where post_count is not null) as post_count,
        max_by(promoted_impression_count, revision) filter (where promoted_impression_count is not null)
            as promoted_impression_count,
        max(captured_at) as captured_at
    from ordered
    group by account_key, date
)

select
    account_key,
    date,
    platform,
    handle,
    impression_count,
    like_count,
    repost_count,
    reply_count,
    engagement_count,
    link_click_count,
    new_follow_count,
    unfollow_count,
    coalesce(new_follow_count - unfollow_count, net_follow_count) as net_follow_count,
    post_count,
    promoted_impression_count,
    captured_at
from latest
