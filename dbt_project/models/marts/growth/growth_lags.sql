with

estimates as (
    select * from {{ ref('int_timing_lag_estimates') }}
)

select
    driver,
    week,
    growth_change,
    conf_low,
    conf_high,
    p_value,
    typical_dose,
    summed_change,
    summed_low,
    summed_high,
    before_p_value,
    account_count,
    week_count,
    observation_count,
    status,
    status_reason
from estimates
