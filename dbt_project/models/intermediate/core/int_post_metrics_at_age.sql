-- Post x basis of age: its metrics at the main age of comparison, or as an export states them once it is that old.
{{ config(materialized='view') }}
select
    post_key,
    age_basis,
    impression_count,
    reaction_count,
    engagement_count,
    link_click_count,
    metrics_age_hours
from {{ ref('int_post_metrics_by_age') }}
where age_days = {{ threshold('metrics_age_days') }}
