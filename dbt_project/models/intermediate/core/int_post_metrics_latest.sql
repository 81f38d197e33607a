{{ incremental_by_changed_keys('int_posts_new', ['platform', 'post_id']) }}
with

observations as (
    select
        stg_post_metrics.*,
        row_number() over (partition by platform, post_id order by captured_at, lake_sequence) as revision
    from {{ ref('stg_post_metrics') }} as stg_post_metrics
    where
        metric_scope in ('public', 'non_public', 'export')
        and {{ in_changed_keys('int_posts_new', ['platform', 'post_id'], 'stg_post_metrics') }}
        and {{ in_changed_range('int_posts_new', 'post_id', 'stg_post_metrics.post_id') }}
)

select
    platform,
    post_id,
    max_by(impression_count, revision) filter (where impression_count is not null) as impression_count,
    max_by(like_count, revision) filter (where like_count is not null) as like_count,
    max_by(repost_count, revision) filter (where repost_count is not null) as repost_count,
    max_by(reply_count, revision) filter (where reply_count is not null) as reply_count,
    max_by(quote_count, revision) filter (where quote_count is not null) as quote_count,
    max_by(bookmark_count, revision) filter (where bookmark_count is not null) as bookmark_count,
    max_by(engagement_count, revision) filter (where engagement_count is not null) as engagement_count,
    max_by(link_click_count, revision) filter (where link_click_count is not null) as link_click_count,
    max_by(profile_click_count, revision) filter (where profile_click_count is not null) as profile_click_count,
    max_by(new_follow_count, revision) filter (where new_follow_count is not null) as new_follow_count,
    max(captured_at) as metrics_captured_at
from observations
group by platform, post_id
order by platform, post_id
