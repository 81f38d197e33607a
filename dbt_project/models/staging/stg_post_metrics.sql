-- One row per post, scope and capture.
select
    -- identity
    platform,
    post_id,
    account_id,
    handle,
    metric_scope,

    -- metrics
    impression_count,
    like_count,
    repost_count,
    reply_count,
    quote_count,
    bookmark_count,
    share_count,
    engagement_count,
    link_click_count,
    profile_click_count,
    detail_expand_count,
    hashtag_click_count,
    permalink_click_count,
    media_view_count,
    new_follow_count,

    -- period of an export
    period_start_date,
    period_end_date,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'post_metrics') }}
qualify
    row_number() over (
        partition by platform, post_id, metric_scope, source, captured_at order by lake_sequence desc
    ) = 1
