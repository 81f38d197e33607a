with

estimates as (
    select * from {{ ref('int_timing_estimates') }}
)

select
    segment_dimension,
    segment,
    day,
    follows_relative_to_usual,
    conf_low,
    conf_high,
    follow_basis,
    usual_per_1000_followers,
    before_relative_to_usual,
    before_p_value,
    extra_usual_days,
    extra_usual_days_low,
    extra_usual_days_high,
    event_count,
    account_count,
    day_count,
    expected_answer_date,
    status,
    status_reason
from estimates
