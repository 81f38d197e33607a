with

estimates as (
    select * from {{ ref('int_growth_own_estimates') }}
)

select
    account_key,
    specification,
    term,
    response_basis,
    follow_basis,
    estimate,
    standard_error,
    conf_low,
    conf_high,
    p_value,
    change_if_doubled,
    change_if_doubled_low,
    change_if_doubled_high,
    day_count,
    new_follow_count,
    is_promotion_held,
    status,
    status_reason
from estimates
