with

hidden as (
    select survey_id, question_id, option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_suppressed
),

estimates as (
    select rows.*, rows.segment is null or (hidden.survey_id is null and hidden_reference.survey_id is null) as is_shown
    from {{ ref('int_survey_model_estimates') }} as rows
    left join hidden
        on
            rows.survey_id = hidden.survey_id
            and rows.question_id = hidden.question_id
            and rows.option = hidden.option
            and rows.segment_dimension = hidden.segment_dimension
            and rows.segment = hidden.segment
    left join hidden as hidden_reference
        on
            rows.survey_id = hidden_reference.survey_id
            and rows.question_id = hidden_reference.question_id
            and rows.option = hidden_reference.option
            and rows.segment_dimension = hidden_reference.segment_dimension
            and rows.reference = hidden_reference.segment
)

-- Odds tell a share: those of a segment whose share survey_segments hides are hidden.
select
    survey_id,
    question_id,
    option,
    segment_dimension,
    segment,
    reference,
    case when is_shown then log_odds end as log_odds,
    case when is_shown then odds_ratio end as odds_ratio,
    case when is_shown then odds_ratio_low end as odds_ratio_low,
    case when is_shown then odds_ratio_high end as odds_ratio_high,
    statistic,
    df_num,
    df_den,
    case when is_shown then p_value end as p_value,
    case when is_shown then p_value_adjusted end as p_value_adjusted,
    q_value,
    base_count,
    case when is_shown then status else 'suppressed' end as status,
    case when is_shown then status_reason else 'the share of the answer is hidden in survey_segments' end
        as status_reason,
    'Computed as if respondents had been drawn at random; who did not take part may differ'
        as sampling_note
from estimates
