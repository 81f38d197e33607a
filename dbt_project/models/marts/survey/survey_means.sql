with

hidden as (
    select
        survey_id,
        question_id,
        segment_dimension,
        segment,
        bool_or(is_mean_suppressed) as is_mean_hidden,
        bool_or(is_mean_difference_suppressed) as is_difference_hidden
    from {{ ref('int_survey_estimates') }}
    group by survey_id, question_id, segment_dimension, segment
),

estimates as (
    select
        rows.*,
        coalesce(hidden.is_mean_hidden, false) as is_mean_hidden,
        coalesce(hidden.is_mean_hidden or hidden.is_difference_hidden, false) as is_difference_hidden
    from {{ ref('int_survey_mean_estimates') }} as rows
    left join hidden
        on
            rows.survey_id = hidden.survey_id
            and rows.question_id = hidden.question_id
            and rows.segment_dimension = hidden.segment_dimension
            and rows.segment = hidden.segment
)

-- A mean that would give away a cell that survey_segments hides is hidden here.
select
    survey_id,
    question_id,
    segment_dimension,
    segment,
    measure,
    base_count,
    case when not is_mean_hidden then mean end as mean,
    case when not is_mean_hidden then mean_low end as mean_low,
    case when not is_mean_hidden then mean_high end as mean_high,
    case when not is_difference_hidden then difference end as difference,
    case when not is_difference_hidden then difference_low end as difference_low,
    case when not is_difference_hidden then difference_high end as difference_high,
    case when not is_mean_hidden then p_value end as p_value,
    case when not is_mean_hidden then p_value_adjusted end as p_value_adjusted,
    case when is_mean_hidden then 'suppressed' else status end as status,
    case
        when is_mean_hidden and status <> 'suppressed'
            then 'hidden: with the shares shown it would reveal what one to four people answered'
        else status_reason
    end as status_reason,
    {{ sampling_note() }}
from estimates
