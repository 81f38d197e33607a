select
    rows_read.survey_id,
    people.respondent_id,
    rows_read.question_id,
    rows_read.question,
    rows_read.question_type,
    rows_read.option,
    rows_read.is_selected,
    rows_read.value,
    rows_read.missing_reason,
    rows_read.captured_at,
    rows_read.run_id,
    rows_read.lake_sequence,
    rows_read.read_position
from {{ ref('stg_survey_responses') }} as rows_read
inner join {{ ref('int_survey_people') }} as people
    on
        rows_read.survey_id = people.survey_id
        and rows_read.respondent_id = people.respondent_hash
        and rows_read.lake_sequence = people.lake_sequence
where not people.is_left_out
