select
    quality.account_key,
    quality.week_start_date,
    quality.quality_basis,
    quality.log_quality,
    ln(ends.follower_count) as log_follower_count
from {{ ref('int_account_week_quality') }} as quality
-- The audience is the one before the week: followers that the posts themselves brought must not explain them.
inner join {{ ref('int_account_week_ends') }} as ends
    on quality.account_key = ends.account_key and quality.week_start_date - 7 = ends.week_start_date
where
    ends.follower_count >= {{ threshold('panel_followers_from') }}
    and quality.log_quality is not null
