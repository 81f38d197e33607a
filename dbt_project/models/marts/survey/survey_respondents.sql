with

respondents as (
    select
        survey_id,
        respondent_id,
        max(weight) as weight,
        bool_or(is_complete) as is_complete,
        max(exclusion_reason) as exclusion_reason,
        max(cast(submitted_at as date)) as submitted_date,
        max({{ epoch_seconds('submitted_at') }} - {{ epoch_seconds('started_at') }}) as seconds_taken,
        max(segment) filter (where segment_dimension = 'company_size') as company_size,
        max(segment) filter (where segment_dimension = 'industry') as industry,
        max(segment) filter (where segment_dimension = 'customer_focus') as customer_focus
    from {{ ref('int_survey_respondents') }}
    group by survey_id, respondent_id
),

answered as (
    select survey_id, respondent_id, count(distinct question_id) as answered_question_count
    from {{ ref('int_survey_responses') }}
    where is_selected is not null
    group by survey_id, respondent_id
)

select
    respondents.survey_id,
    respondents.respondent_id,
    respondents.weight,
    respondents.is_complete,
    respondents.exclusion_reason,
    respondents.submitted_date,
    respondents.seconds_taken / 60 as minutes_taken,
    {{ zero_if_no_row('answered.survey_id', 'answered.answered_question_count') }} as answered_question_count,
    respondents.company_size,
    respondents.industry,
    respondents.customer_focus
from respondents
left join answered
    on respondents.survey_id = answered.survey_id and respondents.respondent_id = answered.respondent_id
