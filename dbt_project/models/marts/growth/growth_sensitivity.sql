with

estimates as (
    select * from {{ ref('int_sensitivity_estimates') }}
)

select
    segment_dimension,
    segment,
    driver,
    benchmark,
    estimate,
    conf_low,
    conf_high,
    partial_r2,
    robustness_value,
    robustness_value_of_limit,
    benchmark_r2_with_driver,
    benchmark_r2_with_growth,
    confounder_r2_with_driver,
    confounder_r2_with_growth,
    adjusted_estimate,
    account_count,
    observation_count,
    status,
    status_reason
from estimates
