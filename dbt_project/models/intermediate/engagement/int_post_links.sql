-- Tracked link x own post that carries it. A repost belongs to its author, and no competitor gets the clicks of a link
-- that is not theirs, even where they repeat it.
with

tracked as (
    select distinct link_id from {{ ref('stg_link_clicks') }}
),

own_posts as (
    select
        versions.platform,
        versions.platform || ':' || versions.edit_root_id as post_key,
        coalesce(cast(versions.created_at as date), versions.created_date) as posted_date,
        {{ each_element('versions.link_urls') }} as link_url
    from {{ ref('int_post_versions') }} as versions
    inner join {{ ref('int_accounts_registered') }} as accounts on versions.account_key = accounts.account_key
    where accounts.is_own and versions.post_kind is distinct from 'repost'
)

select
    tracked.link_id,
    own_posts.platform,
    own_posts.post_key,
    min(own_posts.posted_date) as posted_date
from own_posts
inner join tracked on {{ link_key('own_posts.link_url') }} = tracked.link_id
where own_posts.posted_date is not null
group by tracked.link_id, own_posts.platform, own_posts.post_key
