with

panel as (
    select * from {{ ref('int_account_week_panel') }}
)

select
    account_key,
    week_start_date,
    reading_start_at,
    reading_end_at,
    day_count,
    follower_count_start,
    follower_count_end,
    growth_rate,
    post_count,
    original_post_count,
    link_post_count,
    posts_per_week,
    originals_per_week,
    quality,
    measured_quality,
    quality_reliability,
    quality_basis,
    age_basis,
    volume_same as volume,
    following_change,
    coverage_share,
    is_purge_week,
    is_in_panel,
    exclusion_reason
from panel
