{{ incremental_by_changed_keys('int_posts_changed', ['post_key']) }}
with

versions as (
    select
        int_post_versions.*,
        row_number() over (
            partition by int_post_versions.platform, int_post_versions.edit_root_id
            order by int_post_versions.created_at desc nulls last, length(int_post_versions.post_id) desc,
                int_post_versions.post_id desc
        ) = 1 as is_newest
    from {{ ref('int_post_versions') }} as int_post_versions
    where
        {{ in_changed_keys('int_posts_changed', ['platform', 'edit_root_id'], 'int_post_versions') }}
        and {{ in_changed_range('int_posts_changed', 'post_id', 'int_post_versions.post_id') }}
),

newest as (
    select
        versions.*,
        -- A moving picture on Bluesky is a link card in form, and leads nobody anywhere.
        {{ list_length('link_urls') }} - case
            when platform = 'bluesky' and array_contains(media_types, 'animated_gif') then 1 else 0
        end as link_count
    from versions
    where is_newest
),

-- Reactions stay with the version that drew them.
metrics as (
    select
        versions.platform,
        versions.edit_root_id,
        min(versions.created_at) as created_at,
        sum(latest.impression_count)::bigint as impression_count,
        sum(latest.like_count)::bigint as like_count,
        sum(latest.repost_count)::bigint as repost_count,
        sum(latest.reply_count)::bigint as reply_count,
        sum(latest.quote_count)::bigint as quote_count,
        sum(latest.bookmark_count)::bigint as bookmark_count,
        sum(latest.link_click_count)::bigint as link_click_count,
        sum(latest.profile_click_count)::bigint as profile_click_count,
        sum(latest.new_follow_count)::bigint as new_follow_count,
        sum(latest.engagement_count)::bigint as reported_engagement_count,
        max(latest.metrics_captured_at) as metrics_captured_at
    from versions
    left join {{ ref('int_post_metrics_latest') }} as latest
        on
            versions.platform = latest.platform
            and versions.post_id = latest.post_id
            and {{ in_changed_range('int_posts_changed', 'post_id', 'latest.post_id') }}
    group by versions.platform, versions.edit_root_id
),

with_reactions as (
    select
        metrics.*,
        cast({{ sum_of_known(['like_count', 'repost_count', 'reply_count', 'quote_count']) }} as bigint)
            as reaction_count
    from metrics
)

select
    newest.platform || ':' || newest.edit_root_id as post_key,
    newest.account_key,
    newest.post_id,
    with_reactions.created_at,
    newest.created_date,
    coalesce(newest.post_kind, 'unknown') as post_kind,
    -- What the platform has removed is not shown on; its reactions stay in the totals.
    case when newest.availability = 'removed' then null else newest.text end as text,
    coalesce(newest.link_count > 0, {{ has_match('newest.text', "'https?://'") }}) as has_link,
    -- The platform's own shortener tells nothing of where a link leads.
    case when newest.link_count > 0 then nullif(
        nullif(
            regexp_extract(lower({{ list_element('newest.link_urls', 1) }}), '^https?://(?:www\.)?([^/:?#]+)', 1),
            't.co'
        ),
        'lnkd.in'
    ) end as link_domain,
    with_reactions.impression_count,
    with_reactions.like_count,
    with_reactions.repost_count,
    with_reactions.reply_count,
    with_reactions.quote_count,
    with_reactions.bookmark_count,
    with_reactions.link_click_count,
    with_reactions.profile_click_count,
    with_reactions.new_follow_count,
    with_reactions.reaction_count,
    coalesce(with_reactions.reported_engagement_count, with_reactions.reaction_count) as engagement_count,
    case
        when with_reactions.reported_engagement_count is not null then 'reported'
        when with_reactions.reaction_count is not null then 'reactions'
    end as engagement_basis,
    {{ divide(time_between('second', 'with_reactions.created_at', 'with_reactions.metrics_captured_at'), 3600) }}
        as metrics_age_hours,
    coalesce(newest.availability, 'unknown') as availability
from newest
inner join with_reactions
    on newest.platform = with_reactions.platform and newest.edit_root_id = with_reactions.edit_root_id
order by post_key
