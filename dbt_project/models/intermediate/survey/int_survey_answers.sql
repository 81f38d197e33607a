with

everybody as (
    select survey_id, respondent_id, respondent_number
    from {{ ref('int_survey_respondents_numbered') }}
    where segment_dimension = 'all'
),

options as (
    select survey_id, question_id, option, option_number
    from {{ ref('int_survey_options') }}
),

responses as (
    select survey_id, respondent_id, question_id, option, is_selected, value
    from {{ ref('int_survey_responses') }}
    where is_selected is not null
)

select
    responses.survey_id,
    responses.question_id,
    everybody.respondent_number,
    coalesce(
        {{ sorted_list('case when responses.is_selected then options.option_number end') }},
        {{ empty_list() }}
    ) as option_numbers,
    max(responses.value) filter (where responses.is_selected) as value
from responses
inner join everybody
    on responses.survey_id = everybody.survey_id and responses.respondent_id = everybody.respondent_id
left join options
    on
        responses.survey_id = options.survey_id
        and responses.question_id = options.question_id
        and responses.option = options.option
group by responses.survey_id, responses.question_id, everybody.respondent_number
