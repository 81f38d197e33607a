-- One row per respondent, question and option, from every file that was read.
select
    survey_id,
    respondent_id,
    question_id,
    question,
    question_type,
    option,
    is_selected,
    value,
    missing_reason,
    captured_at,
    run_id,
    lake_sequence,
    {{ read_position() }} as read_position
from {{ source('raw', 'survey_responses') }}
