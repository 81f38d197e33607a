select
    survey_id,
    question_id,
    segment_dimension,
    segment,
    measure,
    base_count,
    mean,
    mean_low,
    mean_high,
    difference,
    difference_low,
    difference_high,
    p_value,
    p_value_adjusted,
    status,
    status_reason,
    'Computed as if respondents had been drawn at random; who did not take part may differ'
        as sampling_note
from {{ ref('int_survey_mean_estimates') }}
