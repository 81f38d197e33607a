-- Post whose figures or content may have changed since the previous build, with its versions; empty in a full build.
with

roots as (
    select arrived.platform, versions.edit_root_id
    from {{ ref('int_posts_new') }} as arrived
    inner join {{ ref('int_post_versions') }} as versions
        on arrived.platform = versions.platform and arrived.post_id = versions.post_id
    union
    -- A post that turned out to be a version of another is no post of its own any more.
    select platform, edit_root_id_before
    from {{ ref('int_posts_new') }}
    where edit_root_id_before is not null
)

select
    roots.platform,
    roots.edit_root_id,
    roots.platform || ':' || roots.edit_root_id as post_key,
    versions.post_id
from roots
left join {{ ref('int_post_versions') }} as versions
    on roots.platform = versions.platform and roots.edit_root_id = versions.edit_root_id
