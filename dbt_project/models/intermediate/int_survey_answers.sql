-- Survey x respondent x question answered x option x segment that the respondent belongs to, everybody included as `all`.
with

respondents as (
    select
        survey_id,
        respondent_id,
        segment_dimension,
        segment,
        coalesce(weight, 1.0) as weight
    from {{ ref('stg_survey_respondents') }}
),

memberships as (
    select survey_id, respondent_id, 'all' as segment_dimension, 'all' as segment, max(weight) as weight
    from respondents
    group by survey_id, respondent_id
    union all
    select survey_id, respondent_id, segment_dimension, segment, weight
    from respondents
    where segment_dimension is not null and segment is not null
),

responses as (
    select survey_id, respondent_id, question_id, question, question_type, option, is_selected
    from {{ ref('stg_survey_responses') }}
    where is_selected is not null and question_type <> 'number'
),

options as (
    select survey_id, question_id, max(question) as question, option
    from responses
    where option is not null
    group by survey_id, question_id, option
),

answered as (
    select distinct survey_id, respondent_id, question_id
    from responses
)

select
    answered.survey_id,
    answered.respondent_id,
    answered.question_id,
    options.question,
    options.option,
    memberships.segment_dimension,
    memberships.segment,
    memberships.weight,
    coalesce(responses.is_selected, false) as is_selected
from answered
inner join options on answered.survey_id = options.survey_id and answered.question_id = options.question_id
inner join memberships
    on answered.survey_id = memberships.survey_id and answered.respondent_id = memberships.respondent_id
left join responses
    on
        answered.survey_id = responses.survey_id
        and answered.respondent_id = responses.respondent_id
        and answered.question_id = responses.question_id
        and options.option = responses.option
