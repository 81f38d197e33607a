select
    estimates.survey_id,
    estimates.question_id,
    questions.question,
    questions.question_number,
    questions.question_role,
    estimates.option,
    estimates.segment_dimension,
    estimates.segment,
    labels.common_segment,
    labels.company_size_low,
    estimates.respondent_count,
    estimates.base_count,
    estimates.missing_count,
    estimates.share,
    estimates.standard_error,
    estimates.share_low,
    estimates.share_high,
    estimates.design_effect,
    estimates.response_share,
    estimates.difference_from_rest,
    estimates.p_value,
    estimates.p_value_adjusted,
    estimates.q_value,
    estimates.is_significant,
    estimates.is_suppressed,
    estimates.suppression_reason,
    estimates.is_unreliable,
    estimates.is_few_degrees,
    {{ sampling_note() }}
from {{ ref('int_survey_estimates') }} as estimates
inner join {{ ref('int_survey_questions') }} as questions
    on estimates.survey_id = questions.survey_id and estimates.question_id = questions.question_id
left join {{ ref('int_survey_segment_labels') }} as labels
    on
        estimates.survey_id = labels.survey_id
        and estimates.segment_dimension = labels.segment_dimension
        and estimates.segment = labels.segment
