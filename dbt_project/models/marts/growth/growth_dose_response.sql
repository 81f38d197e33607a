with

doses as (
    select * from {{ ref('int_growth_doses') }}
)

select
    segment_dimension,
    segment,
    driver,
    bin,
    bin_number,
    bin_low,
    bin_high,
    mean_growth_rate,
    conf_low,
    conf_high,
    observation_count,
    account_count,
    turning_point,
    turning_point_low,
    turning_point_high,
    inverted_u_p_value,
    status,
    status_reason
from doses
