-- A table of its own, of what enters an estimate only: estimates stay as they are until one of these values changes.
select
    account_key,
    week_start_date,
    quality_basis,
    is_in_panel,
    is_in_volume_panel,
    exclusion_reason,
    growth_rate,
    winsorised_growth_rate,
    new_follow_count,
    follower_level_lag,
    following_change_lag,
    volume_same,
    volume_lag,
    quality_same,
    quality_lag,
    quality_lead,
    is_silent_same,
    is_silent_lag,
    is_silent_lead
from {{ ref('int_account_week_panel') }}
where is_in_volume_panel or exclusion_reason = 'purge_week'
