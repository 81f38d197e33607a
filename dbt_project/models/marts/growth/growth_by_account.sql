with

weeks as (
    select
        account_key,
        quality_basis,
        growth_rate,
        quality_lag,
        volume_lag,
        following_change_lag
    from {{ ref('int_account_week_panel') }}
    where is_in_panel
),

-- A measure of quality has a level of its own, so an account is compared with those that share its measure.
quality_means as (
    select quality_basis, {{ precise_mean('quality_lag') }} as quality_mean
    from weeks
    group by quality_basis
),

means as (
    select {{ precise_mean('volume_lag') }} as volume_mean, {{ precise_mean('following_change_lag') }} as following_mean
    from weeks
),

coefficients as (
    select
        max(estimate) filter (where term = 'quality') as quality_estimate,
        max(estimate) filter (where term = 'volume') as volume_estimate,
        -- Nobody's following moved: nothing to attribute to it.
        coalesce(
            max(estimate) filter (where term = 'following_change'),
            case when max(estimate) filter (where term = 'quality') is not null then 0.0 end
        ) as following_estimate,
        max(status) filter (where term = 'quality') as status,
        max(status_reason) filter (where term = 'quality') as status_reason
    from {{ ref('int_growth_estimates') }}
    where specification = 'same_and_previous_week' and segment_dimension = 'all'
),

totals as (
    select
        weeks.account_key,
        any_value(weeks.quality_basis) as quality_basis,
        count(*) as week_count,
        -- Weekly rates have 12 digits, so has their sum; the parts end where the order of adding could show.
        round({{ precise_sum('weeks.growth_rate') }}, 12) as growth_rate_total,
        {{ precise_sum('weeks.quality_lag - quality_means.quality_mean') }} as quality_distance,
        {{ precise_sum('weeks.volume_lag - means.volume_mean') }} as volume_distance,
        {{ precise_sum('weeks.following_change_lag - means.following_mean') }} as following_distance
    from weeks
    inner join quality_means on weeks.quality_basis = quality_means.quality_basis
    cross join means
    group by weeks.account_key
),

parts as (
    select
        totals.account_key,
        totals.quality_basis,
        totals.week_count,
        totals.growth_rate_total,
        -- Adding 0.0 turns a negative zero, which is another value to a checksum, into a plain one.
        round(coefficients.quality_estimate * totals.quality_distance, 9) + 0.0 as quality_part,
        round(coefficients.volume_estimate * totals.volume_distance, 9) + 0.0 as volume_part,
        round(coefficients.following_estimate * totals.following_distance, 9) + 0.0 as following_part,
        coefficients.status,
        coefficients.status_reason
    from totals
    cross join coefficients
)

select
    account_key,
    growth_rate_total,
    quality_part,
    volume_part,
    following_part,
    round(growth_rate_total - quality_part - volume_part - following_part, 12) as unexplained_part,
    week_count,
    quality_basis,
    status,
    status_reason
from parts
