with

estimates as (
    {{ with_is_shown(
        'int_survey_what_works_estimated', [('initiatives_question_id', 'option')], means=['question_id']
    ) }}
)

-- What would give away a cell that survey_segments hides is hidden here too.
select
    survey_id,
    question_id,
    segment_dimension,
    segment,
    initiatives_question_id,
    option,
    {{ where_shown([
        'user_count', 'other_count', 'user_mean', 'other_mean', 'difference', 'difference_low', 'difference_high',
        'p_value', 'p_value_adjusted',
    ]) }},
    {{ shown_status('hidden in survey_segments or survey_means, which it would give away') }},
    {{ sampling_note() }}
from estimates
