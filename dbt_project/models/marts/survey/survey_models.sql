with

-- A row without a segment is a test of the whole dimension: no share stands behind it.
estimates as (
    {{ with_is_shown(
        'int_survey_model_estimates', [('question_id', 'option'), ('question_id', 'option', 'reference')]
    ) }}
)

-- Odds give a share away: those of a segment whose share survey_segments hides are hidden.
select
    survey_id,
    question_id,
    option,
    segment_dimension,
    segment,
    reference,
    {{ where_shown(['log_odds', 'odds_ratio', 'odds_ratio_low', 'odds_ratio_high']) }},
    statistic,
    df_num,
    df_den,
    {{ where_shown(['p_value', 'p_value_adjusted']) }},
    q_value,
    base_count,
    {{ shown_status() }},
    {{ sampling_note() }}
from estimates
