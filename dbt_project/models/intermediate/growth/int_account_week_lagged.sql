with

quality as (
    select
        quality.account_key,
        quality.week_start_date,
        quality.quality,
        quality.measured_quality,
        quality.log_quality,
        quality.reliability,
        slopes.audience_slope
    from {{ ref('int_account_week_quality') }} as quality
    left join {{ ref('int_growth_audience_slopes') }} as slopes on quality.quality_basis = slopes.quality_basis
),

bases as (
    select account_key, any_value(quality_basis) as quality_basis, any_value(age_basis) as age_basis
    from {{ ref('int_account_week_quality') }}
    group by account_key
),

weeks as (
    select growth.*, growth.week_start_date <= settled.last_settled_week_date as is_settled
    from {{ ref('int_account_week_growth') }} as growth
    cross join {{ ref('int_settled_weeks') }} as settled
),

cells as (
    select
        growth.*,
        ln(nullif(growth.follower_count_start, 0)) as log_follower_count_start,
        quality.quality,
        quality.measured_quality,
        quality.reliability as quality_reliability,
        quality.log_quality - quality.audience_slope * ln(nullif(growth.follower_count_start, 0)) as adjusted_quality,
        bases.quality_basis,
        bases.age_basis,
        -- A silent week has no quality: nothing was there to be judged, which is no gap in the data.
        is_settled and growth.has_posts_covered and growth.original_post_count = 0 as is_silent
    from weeks as growth
    left join quality
        on growth.account_key = quality.account_key and growth.week_start_date = quality.week_start_date
    left join bases on growth.account_key = bases.account_key
)

-- The week before and the week after are those of the calendar, not the nearest rows.
select
    cells.*,
    coalesce(before.has_posts_covered, false) as has_posts_covered_before,
    coalesce(before.is_silent, false) as is_silent_before,
    coalesce(after.is_silent, false) as is_silent_after,
    before.adjusted_quality as quality_lag,
    after.adjusted_quality as quality_lead,
    before.volume as volume_lag,
    before.originals_per_week as originals_per_week_lag,
    before.log_following_change as following_change_lag,
    before.growth_rate as growth_lag,
    purges.week_start_date is not null as is_purge_week,
    culls.week_start_date is not null as is_spam_and_cull_week
from cells
left join cells as before
    on cells.account_key = before.account_key and cells.week_start_date - 7 = before.week_start_date
left join cells as after
    on cells.account_key = after.account_key and cells.week_start_date + 7 = after.week_start_date
left join {{ ref('int_growth_purge_weeks') }} as purges
    on cells.account_key = purges.account_key and cells.week_start_date = purges.week_start_date
left join {{ ref('int_growth_culled_weeks') }} as culls
    on cells.account_key = culls.account_key and cells.week_start_date = culls.week_start_date
