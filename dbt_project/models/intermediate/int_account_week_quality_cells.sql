-- Account x ISO week: quality of the week's originals in log points, and how far chance moves it.
with

chosen as (
    select * from {{ ref('int_account_week_quality_chosen') }}
),

cells as (
    select
        account_key,
        week_start_date,
        any_value(quality_basis) as quality_basis,
        any_value(age_basis) as age_basis,
        count(*) as measured_post_count,
        sum(weight) as weight,
        fsum(weight * value) as total,
        {{ divide('fsum(weight * value)', 'sum(weight)') }} as measured_mean,
        {{ divide('fsum(cast(weight as double) * weight)', 'power(sum(cast(weight as double)), 2)') }} as concentration
    from chosen
    group by account_key, week_start_date
),

spreads as (
    select
        cells.account_key,
        cells.week_start_date,
        {{ divide('fsum(chosen.weight * power(chosen.value - cells.measured_mean, 2))', 'any_value(cells.weight)') }}
            as spread
    from cells
    inner join chosen on cells.account_key = chosen.account_key and cells.week_start_date = chosen.week_start_date
    group by cells.account_key, cells.week_start_date
),

-- Half an engagement keeps the logarithm of a rate finite; a rate's chance is relative to the rate.
rates as (
    select
        cells.*,
        cells.quality_basis = 'engagement_per_impression' as is_rate,
        {{ divide('cells.total + 0.5', 'cells.weight + 1') }} as rate,
        spreads.spread
    from cells
    inner join spreads on cells.account_key = spreads.account_key and cells.week_start_date = spreads.week_start_date
),

scaled as (
    select
        rates.*,
        case when is_rate then ln(rate) else measured_mean end as cell_mean,
        case when is_rate then {{ divide('1 - rate', 'rate * weight') }} else 0.0 end as binomial_variance,
        case when is_rate then {{ divide('spread', 'rate * rate') }} else spread end as relative_spread,
        -- Means of scores are pooled by posts, which is the usual variance within groups; rates by weeks.
        case
            when not is_rate then measured_post_count
            when total >= {{ threshold('spread_engagements_from') }} then 1
            else 0
        end as pooling_weight
    from rates
),

-- Variance between posts of one week beyond binomial chance, pooled over all accounts with the measure.
pooled as (
    select
        quality_basis,
        greatest(
            0.0,
            {{ divide(
                'fsum(pooling_weight * (relative_spread - binomial_variance * (measured_post_count - 1)))',
                'fsum(pooling_weight * (1 - concentration))'
            ) }}
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
    scaled.cell_mean,
    pooled.post_variance,
    scaled.binomial_variance + pooled.post_variance * scaled.concentration as sampling_variance
from scaled
inner join pooled on scaled.quality_basis = pooled.quality_basis
