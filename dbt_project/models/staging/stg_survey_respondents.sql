-- One row per respondent and segment dimension, from every file that was read.
select
    survey_id,
    respondent_id,
    segment_dimension,
    segment,
    weight,
    started_at,
    submitted_at,
    is_complete,
    exclusion_reason,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'survey_respondents') }}
