select
    survey_id,
    question_id,
    segment_dimension,
    option,
    test,
    statistic,
    df_num,
    df_den,
    p_value,
    p_value_adjusted,
    q_value,
    cramers_v,
    base_count,
    min_expected,
    is_sparse,
    is_main,
    status,
    status_reason,
    'Computed as if respondents had been drawn at random; who did not take part may differ'
        as sampling_note
from {{ ref('int_survey_test_estimates') }}
