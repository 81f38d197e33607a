with

panel as (
    select
        account_key,
        quality_basis,
        growth_rate,
        -- A week without a post stands at the account's mean, as in the model.
        coalesce(quality_same, avg(quality_same) over (partition by account_key)) as quality_same,
        coalesce(quality_lag, avg(quality_lag) over (partition by account_key)) as quality_lag,
        volume_same,
        volume_lag,
        following_change_lag
    from {{ ref('int_account_week_panel') }}
    where is_in_panel
),

coefficients as (
    select
        max(estimate) filter (where term = 'quality_same_week') as quality_same,
        max(estimate) filter (where term = 'quality_previous_week') as quality_lag,
        max(estimate) filter (where term = 'volume_same_week') as volume_same,
        max(estimate) filter (where term = 'volume_previous_week') as volume_lag,
        -- Nobody's following moved: nothing to attribute to it.
        coalesce(
            max(estimate) filter (where term = 'following_change_previous_week'),
            case when max(estimate) filter (where term = 'quality') is not null then 0.0 end
        ) as following_lag,
        max(status) filter (where term = 'quality') as status,
        max(status_reason) filter (where term = 'quality') as status_reason
    from {{ ref('int_growth_estimates') }}
    where specification = 'same_and_previous_week' and segment_dimension = 'all'
),

-- Weekly growth linked to each driver.
weeks as (
    select
        panel.account_key,
        split_part(panel.account_key, ':', 1) as platform,
        panel.quality_basis,
        panel.growth_rate,
        coefficients.quality_same * panel.quality_same + coefficients.quality_lag * panel.quality_lag as quality_growth,
        coefficients.volume_same * panel.volume_same + coefficients.volume_lag * panel.volume_lag as volume_growth,
        coefficients.following_lag * panel.following_change_lag as following_growth,
        coefficients.status,
        coefficients.status_reason
    from panel
    cross join coefficients
),

-- A measure of quality has a level of its own on every platform: an account is compared with those that share both,
-- and one that is alone with nobody.
quality_means as (
    select platform, quality_basis, {{ precise_mean('quality_growth') }} as quality_mean
    from weeks
    group by platform, quality_basis
    having count(distinct account_key) > 1
),

means as (
    select
        platform,
        {{ precise_mean('volume_growth') }} as volume_mean,
        {{ precise_mean('following_growth') }} as following_mean
    from weeks
    group by platform
    having count(distinct account_key) > 1
),

parts as (
    select
        weeks.account_key,
        any_value(weeks.quality_basis) as quality_basis,
        count(*) as week_count,
        -- Weekly rates have 12 digits, so has their sum; the parts end where the order of adding could show.
        round({{ precise_sum('weeks.growth_rate') }}, 12) as growth_rate_total,
        -- Adding 0.0 turns a negative zero, which is another value to a checksum, into a plain one.
        round({{ precise_sum('weeks.quality_growth - quality_means.quality_mean') }}, 9) + 0.0 as quality_part,
        round({{ precise_sum('weeks.volume_growth - means.volume_mean') }}, 9) + 0.0 as volume_part,
        round({{ precise_sum('weeks.following_growth - means.following_mean') }}, 9) + 0.0 as following_part,
        any_value(weeks.status = 'ok' and means.platform is null) as is_alone,
        any_value(weeks.status) as status,
        any_value(weeks.status_reason) as status_reason
    from weeks
    left join quality_means
        on weeks.platform = quality_means.platform and weeks.quality_basis = quality_means.quality_basis
    left join means on weeks.platform = means.platform
    group by weeks.account_key
)

select
    account_key,
    growth_rate_total,
    quality_part,
    case
        when status <> 'ok' or is_alone or quality_part is not null then ''
        else 'quality cannot be compared, no other account of the platform has '
            || case quality_basis
                when 'clicks_per_link_post' then 'click counts'
                when 'engagement_per_impression' then 'reactions per view'
                else 'reactions per post as its measure'
            end
    end as quality_part_reason,
    volume_part,
    following_part,
    round(growth_rate_total - volume_part - following_part - coalesce(quality_part, 0), 12) as unexplained_part,
    week_count,
    quality_basis,
    case when is_alone then 'insufficient_data' else status end as status,
    case
        when is_alone then 'no other account of its platform has weeks to compare with' else status_reason
    end as status_reason
from parts
