select
    survey_id,
    weighting,
    respondent_count,
    kish_design_effect,
    largest_by_smallest,
    trimmed_count,
    note
from {{ ref('int_survey_weight_estimates') }}
