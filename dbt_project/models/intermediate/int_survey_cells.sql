-- Survey x question x option x segment: how many chose the option of those who answered the question.
with

memberships as (
    select survey_id, respondent_id, segment_dimension, segment, weight
    from {{ ref('int_survey_memberships') }}
),

responses as (
    select survey_id, respondent_id, question_id, question, option, is_selected
    from {{ ref('stg_survey_responses') }}
    where is_selected is not null and option is not null and question_type <> 'number'
),

answered as (
    select distinct survey_id, respondent_id, question_id
    from responses
),

bases as (
    select
        answered.survey_id,
        answered.question_id,
        memberships.segment_dimension,
        memberships.segment,
        count(*) as base_count,
        cast(sum(memberships.weight) as double) as weight_total,
        cast(sum(memberships.weight * memberships.weight) as double) as weight_square_total
    from answered
    inner join memberships
        on answered.survey_id = memberships.survey_id and answered.respondent_id = memberships.respondent_id
    group by answered.survey_id, answered.question_id, memberships.segment_dimension, memberships.segment
),

options as (
    select survey_id, question_id, option, max(question) as question
    from responses
    group by survey_id, question_id, option
),

chosen as (
    select
        responses.survey_id,
        responses.question_id,
        responses.option,
        memberships.segment_dimension,
        memberships.segment,
        count(*) as respondent_count,
        cast(sum(memberships.weight) as double) as weight_selected
    from responses
    inner join memberships
        on responses.survey_id = memberships.survey_id and responses.respondent_id = memberships.respondent_id
    where responses.is_selected
    group by
        responses.survey_id, responses.question_id, responses.option, memberships.segment_dimension, memberships.segment
)

select
    bases.survey_id,
    bases.question_id,
    options.question,
    options.option,
    bases.segment_dimension,
    bases.segment,
    -- An option of the question that nobody in the segment chose is a counted zero, not a missing value.
    {{ counted('chosen.survey_id', 'chosen.respondent_count') }} as respondent_count,
    bases.base_count,
    case when chosen.survey_id is null then 0.0 else chosen.weight_selected end as weight_selected,
    bases.weight_total,
    bases.weight_square_total
from bases
inner join options on bases.survey_id = options.survey_id and bases.question_id = options.question_id
left join chosen
    on
        bases.survey_id = chosen.survey_id
        and bases.question_id = chosen.question_id
        and options.option = chosen.option
        and bases.segment_dimension = chosen.segment_dimension
        and bases.segment = chosen.segment
