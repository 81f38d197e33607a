-- Survey x file x earlier file: who is in both, and for how many of them both times and answers differ.
with

readings as (
    select * from {{ ref('int_survey_readings') }}
),

sizes as (
    select survey_id, lake_sequence, count(*) as respondent_count
    from readings
    group by survey_id, lake_sequence
),

shared as (
    select
        later.survey_id,
        later.lake_sequence,
        earlier.lake_sequence as earlier_sequence,
        -- Who begins in one file and ends in a later one is one person.
        case
            when later.started_at is not null and earlier.started_at is not null
                then abs({{ time_between('hour', 'earlier.started_at', 'later.started_at') }})
            else abs({{ time_between('hour', 'earlier.submitted_at', 'later.submitted_at') }})
        end as hours_apart,
        (later.answers_digest is distinct from earlier.answers_digest) as has_other_answers
    from readings as later
    inner join readings as earlier
        on
            later.survey_id = earlier.survey_id
            and later.respondent_id = earlier.respondent_id
            and later.lake_sequence > earlier.lake_sequence
),

counted as (
    select
        survey_id,
        lake_sequence,
        earlier_sequence,
        count(*) as shared_count,
        count(hours_apart) as timed_count,
        count(*) filter (
            where hours_apart >= {{ threshold('survey_wave_hours_from') }} and has_other_answers
        ) as conflict_count
    from shared
    group by survey_id, lake_sequence, earlier_sequence
)

select
    counted.survey_id,
    counted.lake_sequence,
    counted.earlier_sequence,
    counted.shared_count,
    counted.conflict_count,
    coalesce({{ divide('counted.conflict_count', 'counted.timed_count') }}, 0)
    > {{ threshold('survey_wave_share_above') }} as is_other_wave,
    {{ divide('counted.shared_count', 'sizes.respondent_count') }} >= {{ threshold('survey_reexport_share_from') }}
        as is_export_again
from counted
inner join sizes on counted.survey_id = sizes.survey_id and counted.earlier_sequence = sizes.lake_sequence
