{{ incremental_by_changed_keys('int_posts_new', ['platform', 'post_id']) }}
with

identified as (
    {{ with_account_key('stg_posts') }}
    where
        {{ in_changed_keys('int_posts_new', ['platform', 'post_id'], 'stg_posts') }}
        and {{ in_changed_range('int_posts_new', 'post_id', 'stg_posts.post_id') }}
),

ordered as (
    select
        identified.*,
        row_number() over (partition by platform, post_id order by captured_at, lake_sequence) as revision
    from identified
),

versions as (
    select
        platform,
        post_id,
        max_by(account_key, revision) as account_key,
        min(created_at) as created_at,
        min(created_date) as created_date,
        max_by(text, revision) filter (where text is not null) as text,
        max_by(post_kind, revision) filter (where post_kind <> 'unknown') as post_kind,
        max_by(link_urls, revision) filter (where link_urls is not null) as link_urls,
        max_by(hashtags, revision) filter (where hashtags is not null) as hashtags,
        max_by(media_types, revision) filter (where media_types is not null) as media_types,
        max_by(availability, revision) filter (where availability is not null) as availability,
        max_by(edit_root_id, revision) filter (where edit_root_id is not null) as edit_root_id
    from ordered
    group by platform, post_id
)

select
    versions.platform,
    versions.post_id,
    versions.account_key,
    coalesce(roots.edit_root_id, versions.edit_root_id, versions.post_id) as edit_root_id,
    versions.created_at,
    versions.created_date,
    versions.text,
    versions.post_kind,
    versions.link_urls,
    versions.hashtags,
    versions.media_types,
    versions.availability
from versions
left join {{ ref('int_post_edit_roots') }} as roots
    on versions.platform = roots.platform and versions.post_id = roots.post_id
order by versions.platform, versions.post_id
