with

hidden as (
    select survey_id, question_id, option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_suppressed
    union
    -- A pair of scales compares the shares of their upper two fifths.
    select survey_id, question_id, 'all' as option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_upper_suppressed
),

estimates as (
    select
        rows.survey_id,
        rows.question_id,
        rows.segment_dimension,
        rows.segment,
        rows.importance_question_id,
        rows.item,
        rows.base_count,
        rows.important_share,
        rows.effective_share,
        rows.difference,
        rows.difference_low,
        rows.difference_high,
        rows.p_value,
        rows.p_value_adjusted,
        rows.status,
        rows.status_reason,
        hidden_0.survey_id is null and hidden_1.survey_id is null as is_shown
    from {{ ref('int_survey_pair_estimates') }} as rows
    left join hidden as hidden_0
        on
            rows.survey_id = hidden_0.survey_id
            and rows.question_id = hidden_0.question_id
            and rows.item = hidden_0.option
            and rows.segment_dimension = hidden_0.segment_dimension
            and rows.segment = hidden_0.segment
    left join hidden as hidden_1
        on
            rows.survey_id = hidden_1.survey_id
            and rows.importance_question_id = hidden_1.question_id
            and rows.item = hidden_1.option
            and rows.segment_dimension = hidden_1.segment_dimension
            and rows.segment = hidden_1.segment
)

-- What would give away a cell that survey_segments hides is hidden here too.
select
    survey_id,
    question_id,
    segment_dimension,
    segment,
    importance_question_id,
    item,
    base_count,
    case when is_shown then important_share end as important_share,
    case when is_shown then effective_share end as effective_share,
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
