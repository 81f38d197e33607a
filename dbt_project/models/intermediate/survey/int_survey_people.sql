with

newest as (
    select
        readings.survey_id,
        readings.respondent_id,
        readings.lake_sequence,
        readings.submitted_at,
        waves.wave_number
    from {{ ref('int_survey_readings') }} as readings
    inner join {{ ref('int_survey_waves') }} as waves
        on readings.survey_id = waves.survey_id and readings.lake_sequence = waves.lake_sequence
    qualify
        row_number() over (
            partition by readings.survey_id, waves.wave_number, readings.respondent_id
            order by readings.lake_sequence desc
        ) = 1
),

-- Later exports of the same answers that would hold this person as well: without a time nothing says otherwise.
left_out as (
    select distinct newest.survey_id, newest.wave_number, newest.respondent_id
    from newest
    inner join {{ ref('int_survey_readings_compared') }} as compared
        on
            newest.survey_id = compared.survey_id
            and newest.lake_sequence = compared.earlier_sequence
            and compared.is_export_again
            and not compared.is_other_wave
    inner join {{ ref('int_survey_waves') }} as later
        on
            compared.survey_id = later.survey_id
            and compared.lake_sequence = later.lake_sequence
            and newest.wave_number = later.wave_number
    where
        newest.submitted_at is null
        or later.first_submitted_at is null
        or newest.submitted_at between later.first_submitted_at and later.last_submitted_at
)

select
    newest.survey_id,
    newest.respondent_id as respondent_hash,
    -- The number of a person of a later wave was another person's in the first.
    newest.respondent_id || case when newest.wave_number > 1 then '-' || newest.wave_number else '' end
        as respondent_id,
    newest.wave_number,
    newest.lake_sequence,
    left_out.respondent_id is not null as is_left_out
from newest
left join left_out
    on
        newest.survey_id = left_out.survey_id
        and newest.wave_number = left_out.wave_number
        and newest.respondent_id = left_out.respondent_id
