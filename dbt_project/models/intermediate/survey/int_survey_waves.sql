with

readings as (
    select
        survey_id,
        lake_sequence,
        min(submitted_at) as first_submitted_at,
        max(submitted_at) as last_submitted_at,
        max(captured_at) as captured_at,
        count(*) as respondent_count
    from {{ ref('int_survey_readings') }}
    group by survey_id, lake_sequence
),

compared as (
    select
        survey_id,
        lake_sequence,
        bool_or(is_other_wave) as has_other_wave,
        min(case when not is_other_wave then earlier_sequence end) as same_wave_sequence
    from {{ ref('int_survey_readings_compared') }}
    group by survey_id, lake_sequence
),

begun as (
    select
        readings.*,
        case
            when compared.has_other_wave then coalesce(compared.same_wave_sequence, readings.lake_sequence)
            else min(readings.lake_sequence) over (partition by readings.survey_id)
        end as wave_sequence
    from readings
    left join compared
        on readings.survey_id = compared.survey_id and readings.lake_sequence = compared.lake_sequence
)

select
    survey_id,
    lake_sequence,
    first_submitted_at,
    last_submitted_at,
    captured_at,
    respondent_count,
    cast(dense_rank() over (partition by survey_id order by wave_sequence) as integer) as wave_number
from begun
