with

responses as (
    select survey_id, question_id, option
    from {{ ref('int_survey_responses') }}
    where question_type = 'number' or option is not null
    group by survey_id, question_id, option
)

select
    responses.survey_id,
    responses.question_id,
    questions.question_type,
    questions.question_role,
    responses.option,
    cast(
        row_number() over (partition by responses.survey_id, responses.question_id order by responses.option) - 1
        as integer
    ) as option_number,
    coalesce({{ has_match('lower(responses.option)', none_option()) }}, false) as is_none_option
from responses
inner join {{ ref('int_survey_questions') }} as questions
    on responses.survey_id = questions.survey_id and responses.question_id = questions.question_id
