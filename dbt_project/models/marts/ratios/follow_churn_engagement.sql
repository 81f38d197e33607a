select
    segment_dimension,
    segment,
    churner_count,
    usable_churner_count,
    matched_count,
    observation_count,
    effect,
    conf_low,
    conf_high,
    p_value,
    pre_trend_p_value,
    status,
    status_reason
from {{ ref('int_follow_churn_estimates') }}
