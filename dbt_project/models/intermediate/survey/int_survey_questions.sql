-- Survey question, with what it is for: as the seed says, else by its id and type.
with

questions as (
    select
        survey_id,
        question_id,
        max(question) as question,
        max(question_type) as question_type,
        min(read_position) as read_position
    from {{ ref('int_survey_responses') }}
    group by survey_id, question_id
),

roles as (
    select survey_id, question_id, role
    from {{ ref('survey_question_roles') }}
)

select
    questions.survey_id,
    questions.question_id,
    questions.question,
    questions.question_type,
    cast(
        row_number() over (
            partition by questions.survey_id order by questions.read_position, questions.question_id
        ) as integer
    ) as question_number,
    case
        when roles.role is not null then roles.role
        when {{ has_match('questions.question_id', "'(^|_)effectiveness$'") }} then 'effectiveness'
        when {{ has_match('questions.question_id', "'(^|_)importance$'") }} then 'importance'
        when {{ has_match('questions.question_id', "'(^|_)metrics?$'") }} then 'success_metric'
        when questions.question_type = 'multi' then 'initiatives'
    end as question_role
from questions
left join roles on questions.survey_id = roles.survey_id and questions.question_id = roles.question_id
