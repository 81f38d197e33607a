-- Account x ISO week with a measure of quality: the audience that it was posted to.
select
    quality.account_key,
    quality.week_start_date,
    quality.quality_basis,
    quality.log_quality,
    ln(levels.follower_count) as log_follower_count
from {{ ref('int_account_week_quality') }} as quality
-- The audience is the one before the week: followers that the posts themselves brought must not explain them.
inner join {{ ref('int_account_week_levels') }} as levels
    on quality.account_key = levels.account_key and quality.week_start_date - 7 = levels.week_start_date
where
    levels.is_week_end_level
    and levels.follower_count >= {{ threshold('panel_followers_from') }}
    and quality.log_quality is not null
