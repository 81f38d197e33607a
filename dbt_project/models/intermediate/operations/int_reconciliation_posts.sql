{{ incremental_by_changed_keys('int_posts_new', ['post_version_key']) }}
with

versions as (
    select platform, post_id, account_key, coalesce(created_date, cast(created_at as date)) as date
    from {{ ref('int_post_versions') }} as int_post_versions
    where
        {{ in_changed_keys('int_posts_new', ['platform', 'post_id'], 'int_post_versions') }}
        and {{ in_changed_range('int_posts_new', 'post_id', 'int_post_versions.post_id') }}
),

sided as (
    select
        stg_post_metrics.*,
        case when metric_scope = 'export' then 'export' else 'api' end as side,
        row_number() over (
            partition by platform, post_id, metric_scope = 'export' order by captured_at, lake_sequence
        ) as revision
    from {{ ref('stg_post_metrics') }} as stg_post_metrics
    where
        -- An archive repeats counts of the platform as of the day it was asked for, which is not known to the hour.
        (metric_scope = 'export' or (metric_scope in ('public', 'non_public') and source != 'x_archive'))
        and {{ in_changed_keys('int_posts_new', ['platform', 'post_id'], 'stg_post_metrics') }}
        and {{ in_changed_range('int_posts_new', 'post_id', 'stg_post_metrics.post_id') }}
),

latest as (
    select
        platform,
        post_id,
        side,
        max_by(impression_count, revision) filter (where impression_count is not null) as impression_count,
        max_by(like_count, revision) filter (where like_count is not null) as like_count,
        max_by(repost_count, revision) filter (where repost_count is not null) as repost_count,
        max_by(reply_count, revision) filter (where reply_count is not null) as reply_count,
        max_by(bookmark_count, revision) filter (where bookmark_count is not null) as bookmark_count,
        max_by(link_click_count, revision) filter (where link_click_count is not null) as link_click_count,
        max(captured_at) as captured_at
    from sided
    group by platform, post_id, side
)

select
    versions.account_key,
    versions.date,
    versions.platform || ':' || versions.post_id as post_version_key,
    latest.side,
    latest.captured_at,
    latest.impression_count,
    latest.like_count,
    latest.repost_count,
    latest.reply_count,
    latest.bookmark_count,
    latest.link_click_count
from latest
inner join versions on latest.platform = versions.platform and latest.post_id = versions.post_id
where versions.date is not null
order by post_version_key, side
