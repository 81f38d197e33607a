{# What was removed or withheld keeps no figures of its own, as in the mart posts. #}
{%- set counts = [
    'impression_count', 'like_count', 'repost_count', 'reply_count',
    'bookmark_count', 'share_count', 'engagement_count', 'link_click_count',
    'profile_click_count', 'detail_expand_count', 'hashtag_click_count', 'permalink_click_count',
    'new_follow_count',
] -%}
with

periods as (
    {{ with_account_key('stg_post_daily') }}
    where stg_post_daily.period_start_date is not null and stg_post_daily.period_end_date is not null
)

select
    periods.platform || ':' || coalesce(versions.edit_root_id, periods.post_id) as post_key,
    periods.post_id,
    periods.account_key,
    periods.source,
    periods.period_start_date,
    periods.period_end_date,
    periods.date as created_date,
    periods.date between periods.period_start_date and periods.period_end_date as is_first_period,
    {%- for count in counts %}
    case when posts.availability in ('removed', 'withheld') then null else periods.{{ count }} end as {{ count }},
    {%- endfor %}
    periods.captured_at
from periods
left join {{ ref('int_post_versions') }} as versions
    on periods.platform = versions.platform and periods.post_id = versions.post_id
left join {{ ref('int_posts') }} as posts
    on periods.platform || ':' || coalesce(versions.edit_root_id, periods.post_id) = posts.post_key
