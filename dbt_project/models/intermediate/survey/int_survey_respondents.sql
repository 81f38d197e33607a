select
    rows_read.survey_id,
    people.respondent_id,
    rows_read.segment_dimension,
    rows_read.segment,
    rows_read.weight,
    rows_read.started_at,
    rows_read.submitted_at,
    rows_read.is_complete,
    rows_read.exclusion_reason,
    rows_read.captured_at,
    rows_read.run_id,
    rows_read.lake_sequence
from {{ ref('stg_survey_respondents') }} as rows_read
inner join {{ ref('int_survey_people') }} as people
    on
        rows_read.survey_id = people.survey_id
        and rows_read.respondent_id = people.respondent_hash
        and rows_read.lake_sequence = people.lake_sequence
where not people.is_left_out
