-- Post x basis of age: its metrics at the main age of comparison, or as an export states them once it is that old.
{{ rewrites_changed('int_posts_changed', ['post_key'], sliced_by_key('int_post_metrics_by_age')) }}
select
    post_key,
    age_basis,
    impression_count,
    reaction_count,
    engagement_count,
    link_click_count,
    metrics_age_hours
from {{ ref('int_post_metrics_by_age') }} as by_age
where
    age_days = {{ threshold('metrics_age_days') }}
    and {{ is_changed('int_posts_changed', ['post_key'], 'by_age') }}
    and {{ is_in_span('int_posts_changed', 'post_key', 'by_age.post_key') }}
order by post_key, age_basis
