-- One row per account, day and export.
select
    -- identity
    platform,
    account_id,
    handle,
    date,

    -- activity
    impression_count,
    like_count,
    repost_count,
    reply_count,
    bookmark_count,
    share_count,
    engagement_count,
    link_click_count,
    profile_click_count,
    -- The by-day file of analytics.twitter.com sums up its posts: its `follows` are those made from posts, not all.
    case when source <> 'twitter_analytics_by_day' then new_follow_count end as new_follow_count,
    unfollow_count,
    net_follow_count,
    post_count,
    promoted_impression_count,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'account_daily') }}
qualify
    row_number() over (
        partition by platform, coalesce(account_id, '@' || lower(handle)), date, source, captured_at
        order by lake_sequence desc
    ) = 1
