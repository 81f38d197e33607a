with

-- Half an engagement keeps the logarithm of a rate finite.
chosen as (
    select
        *,
        quality_basis = 'engagement_per_impression' as is_rate,
        case
            when quality_basis = 'engagement_per_impression'
                then ln({{ divide('weight * value + 0.5', 'weight + 1') }})
            else value
        end as log_value
    from {{ ref('int_account_week_quality_chosen') }}
),

cells as (
    select
        account_key,
        week_start_date,
        any_value(quality_basis) as quality_basis,
        any_value(age_basis) as age_basis,
        any_value(is_rate) as is_rate,
        count(*) as measured_post_count,
        sum(weight) as weight,
        {{ divide(precise_sum('weight * value'), 'sum(weight)') }} as measured_mean,
        {{ divide(precise_sum('weight * value') ~ ' + 0.5', 'sum(weight) + 1') }} as rate,
        {{ divide(precise_sum('cast(weight as double) * weight'), 'power(sum(cast(weight as double)), 2)') }}
            as concentration
    from chosen
    group by account_key, week_start_date
),

-- Chance is judged by the account's usual rate: by the week's own, a week that is low by chance would count for less,
-- and that alone draws every estimate down. Harmonic, because chance varies with one over the rate.
usual_rates as (
    select
        account_key,
        least({{ divide(precise_sum('cast(weight as double)'), precise_sum(divide('weight', 'rate'))) }}, 1.0)
            as usual_rate
    from cells
    where is_rate
    group by account_key
),

-- In logs, and of posts that are shown often enough: their choice must not depend on what they drew.
spreads as (
    select
        chosen.account_key,
        chosen.week_start_date,
        count(*) - 1 as spread_degrees,
        -- Rounded, or its last digits would tell in which order the posts were read.
        coalesce(round(var_samp(chosen.log_value), 12), 0.0) * (count(*) - 1)
        - coalesce(
            {{ precise_sum(divide('1 - usual_rates.usual_rate', 'usual_rates.usual_rate * chosen.weight')) }}
            * {{ divide('count(*) - 1', 'count(*)') }},
            0.0
        ) as spread_beyond_chance
    from chosen
    left join usual_rates on chosen.account_key = usual_rates.account_key
    where
        not chosen.is_rate
        or usual_rates.usual_rate * chosen.weight >= {{ threshold('spread_engagements_from') }}
    group by chosen.account_key, chosen.week_start_date
),

scaled as (
    select
        cells.*,
        case when cells.is_rate then ln(cells.rate) else cells.measured_mean end as log_mean,
        -- The log of a mean of posts lies above the mean of their logs, the more so the more posts there are: left in,
        -- quality would rise with volume by itself.
        case when cells.is_rate then 0.5 * cells.concentration else 0.0 end as curvature,
        case
            when cells.is_rate
                then {{ divide('1 - usual_rates.usual_rate', 'usual_rates.usual_rate * cells.weight') }}
            else 0.0
        end as binomial_variance,
        coalesce(spreads.spread_beyond_chance, 0.0) as spread_beyond_chance,
        coalesce(spreads.spread_degrees, 0) as spread_degrees
    from cells
    left join usual_rates on cells.account_key = usual_rates.account_key
    left join spreads on cells.account_key = spreads.account_key and cells.week_start_date = spreads.week_start_date
),

-- Variance between posts of one week beyond binomial chance, pooled over all accounts with the measure.
pooled as (
    select
        quality_basis,
        greatest(
            0.0, coalesce({{ divide(precise_sum('spread_beyond_chance'), 'sum(spread_degrees)') }}, 0.0)
        ) as post_variance
    from scaled
    group by quality_basis
)

select
    scaled.account_key,
    scaled.week_start_date,
    scaled.quality_basis,
    scaled.age_basis,
    scaled.measured_post_count,
    scaled.measured_mean,
    scaled.log_mean + scaled.curvature * pooled.post_variance as cell_mean,
    scaled.curvature,
    scaled.binomial_variance,
    scaled.concentration,
    scaled.spread_beyond_chance,
    scaled.spread_degrees,
    pooled.post_variance,
    scaled.binomial_variance + pooled.post_variance * scaled.concentration as sampling_variance
from scaled
inner join pooled on scaled.quality_basis = pooled.quality_basis
