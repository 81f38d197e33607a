with

estimates as (
    {{ with_is_shown(
        'int_survey_pair_estimates',
        [('question_id', 'item'), ('importance_question_id', 'item')],
        has_scales=true
    ) }}
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
    {{ where_shown([
        'important_share', 'effective_share', 'difference', 'difference_low', 'difference_high', 'p_value',
        'p_value_adjusted',
    ]) }},
    {{ shown_status() }},
    {{ sampling_note() }}
from estimates
