{# What was removed or withheld keeps no figures of its own; they live on in figures of its account only. #}
{%- set counts = [
    'impression_count', 'like_count', 'repost_count', 'reply_count', 'quote_count', 'bookmark_count',
    'link_click_count', 'profile_click_count', 'new_follow_count', 'reaction_count', 'engagement_count',
] -%}
{{ incremental_by_changed_keys('int_posts_changed', ['post_key']) }}
select
    post_key,
    account_key,
    post_id,
    created_at,
    post_kind,
    text,
    has_link,
    link_domain,
    {%- for count in counts %}
    case when availability in ('removed', 'withheld') then null else {{ count }} end as {{ count }},
    {%- endfor %}
    engagement_basis,
    metrics_age_hours,
    availability
from {{ ref('int_posts') }} as int_posts
where
    {{ in_changed_keys('int_posts_changed', ['post_key'], 'int_posts') }}
    and {{ in_changed_range('int_posts_changed', 'post_key', 'int_posts.post_key') }}
order by post_key
