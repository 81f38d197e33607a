with

respondents as (
    select
        survey_id,
        lake_sequence,
        respondent_id,
        max(coalesce(submitted_at, started_at)) as submitted_at,
        min(started_at) as started_at,
        max(captured_at) as captured_at
    from {{ ref('stg_survey_respondents') }}
    group by survey_id, lake_sequence, respondent_id
),

read_again as (
    select survey_id
    from respondents
    group by survey_id
    having count(distinct lake_sequence) > 1
),

answers as (
    select
        responses.survey_id,
        responses.lake_sequence,
        responses.respondent_id,
        md5({{ joined_texts(
            "responses.question_id || '=' || coalesce(responses.option, '') || "
            ~ "coalesce(cast(responses.value as string), '')",
            'responses.question_id, responses.option', 'responses.is_selected'
        ) }}) as answers_digest
    from {{ ref('stg_survey_responses') }} as responses
    inner join read_again on responses.survey_id = read_again.survey_id
    group by responses.survey_id, responses.lake_sequence, responses.respondent_id
)

select
    respondents.survey_id,
    respondents.lake_sequence,
    respondents.respondent_id,
    respondents.submitted_at,
    respondents.started_at,
    respondents.captured_at,
    answers.answers_digest
from respondents
left join answers
    on
        respondents.survey_id = answers.survey_id
        and respondents.lake_sequence = answers.lake_sequence
        and respondents.respondent_id = answers.respondent_id
