with

hidden as (
    select survey_id, question_id, option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_suppressed
),

estimates as (
    select
        rows.survey_id,
        rows.question_id,
        rows.segment_dimension,
        rows.segment,
        rows.initiatives_question_id,
        rows.option,
        rows.user_count,
        rows.other_count,
        rows.user_mean,
        rows.other_mean,
        rows.difference,
        rows.difference_low,
        rows.difference_high,
        rows.p_value,
        rows.p_value_adjusted,
        rows.status,
        rows.status_reason,
        hidden_0.survey_id is null as is_shown
    from {{ ref('int_survey_what_works_estimated') }} as rows
    left join hidden as hidden_0
        on
            rows.survey_id = hidden_0.survey_id
            and rows.initiatives_question_id = hidden_0.question_id
            and rows.option = hidden_0.option
            and rows.segment_dimension = hidden_0.segment_dimension
            and rows.segment = hidden_0.segment
)

-- What would give away a cell that survey_segments hides is hidden here too.
select
    survey_id,
    question_id,
    segment_dimension,
    segment,
    initiatives_question_id,
    option,
    case when is_shown then user_count end as user_count,
    case when is_shown then other_count end as other_count,
    case when is_shown then user_mean end as user_mean,
    case when is_shown then other_mean end as other_mean,
    case when is_shown then difference end as difference,
    case when is_shown then difference_low end as difference_low,
    case when is_shown then difference_high end as difference_high,
    case when is_shown then p_value end as p_value,
    case when is_shown then p_value_adjusted end as p_value_adjusted,
    case when is_shown then status else 'suppressed' end as status,
    case
        when is_shown or status = 'suppressed' then status_reason
        else 'the share of the answer is hidden in survey_segments'
    end as status_reason,
    'Computed as if respondents had been drawn at random; who did not take part may differ'
        as sampling_note
from estimates
