-- One row per post, reporting period and source, from the newest export of that period.
select
    -- identity
    platform,
    post_id,
    account_id,
    handle,
    date,

    -- metrics
    impression_count,
    like_count,
    repost_count,
    reply_count,
    bookmark_count,
    share_count,
    engagement_count,
    link_click_count,
    profile_click_count,
    detail_expand_count,
    hashtag_click_count,
    permalink_click_count,
    new_follow_count,

    -- period of the export
    period_start_date,
    period_end_date,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'post_daily') }}
qualify
    row_number() over (
        partition by platform, post_id, period_start_date, period_end_date, source
        order by captured_at desc, lake_sequence desc
    ) = 1
