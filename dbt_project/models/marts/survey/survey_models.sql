select
    survey_id,
    question_id,
    option,
    segment_dimension,
    segment,
    reference,
    log_odds,
    odds_ratio,
    odds_ratio_low,
    odds_ratio_high,
    statistic,
    df_num,
    df_den,
    p_value,
    p_value_adjusted,
    q_value,
    base_count,
    status,
    status_reason,
    'Computed as if respondents had been drawn at random; who did not take part may differ'
        as sampling_note
from {{ ref('int_survey_model_estimates') }}
