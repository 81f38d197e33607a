with

cells as (
    select
        int_account_week_quality_cells.*,
        {{ divide('1', 'sampling_variance') }} as precision_weight
    from {{ ref('int_account_week_quality_cells') }} as int_account_week_quality_cells
),

first_means as (
    select
        account_key,
        any_value(quality_basis) as quality_basis,
        count(*) as cell_count,
        {{ divide(precise_sum('precision_weight * cell_mean'), precise_sum('precision_weight')) }} as account_mean,
        {{ precise_sum('precision_weight') }}
        - {{ divide(precise_sum('precision_weight * precision_weight'), precise_sum('precision_weight')) }}
            as freedom_weight
    from cells
    group by account_key
),

deviations as (
    select
        cells.account_key,
        {{ precise_sum(
            'cells.precision_weight * (cells.cell_mean - first_means.account_mean)'
            ~ ' * (cells.cell_mean - first_means.account_mean)'
        ) }} as deviation
    from cells
    inner join first_means on cells.account_key = first_means.account_key
    group by cells.account_key
),

-- Variance of true quality within accounts, by the method of moments: what is left after chance.
variances as (
    select
        first_means.quality_basis,
        greatest(
            0.0,
            {{ divide(
                precise_sum('deviations.deviation') ~ ' - sum(first_means.cell_count - 1)',
                precise_sum('first_means.freedom_weight')
            ) }}
        ) as within_variance
    from first_means
    inner join deviations on first_means.account_key = deviations.account_key
    group by first_means.quality_basis
),

-- Without any chance variance (one value per post throughout) the measured mean stands as it is.
weighted as (
    select
        cells.*,
        variances.within_variance,
        coalesce(
            {{ divide('variances.within_variance', 'variances.within_variance + cells.sampling_variance') }}, 1.0
        ) as reliability,
        coalesce({{ divide('1', 'variances.within_variance + cells.sampling_variance') }}, 1.0) as weight
    from cells
    inner join variances on cells.quality_basis = variances.quality_basis
),

means as (
    select account_key, {{ divide(precise_sum('weight * cell_mean'), precise_sum('weight')) }} as account_mean
    from weighted
    group by account_key
),

shrunk as (
    select
        weighted.*,
        means.account_mean,
        means.account_mean + weighted.reliability * (weighted.cell_mean - means.account_mean) as log_quality
    from weighted
    inner join means on weighted.account_key = means.account_key
)

select
    account_key,
    week_start_date,
    quality_basis,
    age_basis,
    measured_post_count,
    -- Rounded beyond what any estimate can notice, so that the order in which threads add cannot show.
    round(measured_mean, 10) as measured_quality,
    round(account_mean, 10) as account_log_quality,
    round(reliability, 10) as reliability,
    round(post_variance, 10) as post_variance,
    round(within_variance, 10) as within_variance,
    -- Log points for every measure, so that one coefficient can speak for accounts with different ones.
    round(log_quality, 10) as log_quality,
    round(case when quality_basis = 'engagement_per_impression' then exp(log_quality) else log_quality end, 10)
        as quality
from shrunk
