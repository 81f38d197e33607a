with

estimates as (
    select * from {{ ref('int_factor_estimates') }}
)

select
    segment_dimension,
    segment,
    factor_group,
    factor,
    bases,
    response_ratio,
    conf_low,
    conf_high,
    measured_ratio,
    p_value,
    p_value_adjusted,
    is_distinct_from_usual,
    partial_r2,
    explained_share,
    post_count,
    other_post_count,
    account_count,
    status,
    status_reason
from estimates
