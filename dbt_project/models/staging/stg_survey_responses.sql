-- One row per respondent, question and option, from the newest reading of that respondent.
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
    lake_sequence
from {{ source('raw', 'survey_responses') }}
qualify lake_sequence = max(lake_sequence) over (partition by survey_id, respondent_id)
