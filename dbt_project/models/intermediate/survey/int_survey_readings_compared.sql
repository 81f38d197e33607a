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
                then {{ time_between('second', 'earlier.started_at', 'later.started_at') }}
            else {{ time_between('second', 'earlier.submitted_at', 'later.submitted_at') }}
        end as seconds_apart,
        (later.answers_digest is distinct from earlier.answers_digest) as has_other_answers
    from readings as later
    inner join readings as earlier
        on
            later.survey_id = earlier.survey_id
            and later.respondent_id = earlier.respondent_id
            and later.lake_sequence > earlier.lake_sequence
),

-- The zone of the mapping was corrected if all times moved alike, but for an hour of summer time.
moved as (
    select
        survey_id,
        lake_sequence,
        earlier_sequence,
        max(abs(seconds_apart)) <= 3600 * {{ threshold('survey_zone_hours_to') }}
        and max(seconds_apart) - min(seconds_apart) <= 3600
        and count(*) filter (where seconds_apart % 900 <> 0) = 0 as is_other_zone
    from shared
    group by survey_id, lake_sequence, earlier_sequence
),

counted as (
    select
        shared.survey_id,
        shared.lake_sequence,
        shared.earlier_sequence,
        count(*) as shared_count,
        count(shared.seconds_apart) as timed_count,
        -- Under a minute is an export without seconds.
        count(*) filter (where abs(shared.seconds_apart) >= 60 and not moved.is_other_zone) as moved_count,
        count(*) filter (
            where abs(shared.seconds_apart) >= 60 and not moved.is_other_zone and shared.has_other_answers
        ) as conflict_count
    from shared
    inner join moved
        on
            shared.survey_id = moved.survey_id
            and shared.lake_sequence = moved.lake_sequence
            and shared.earlier_sequence = moved.earlier_sequence
    group by shared.survey_id, shared.lake_sequence, shared.earlier_sequence
)

select
    counted.survey_id,
    counted.lake_sequence,
    counted.earlier_sequence,
    counted.shared_count,
    counted.conflict_count,
    counted.conflict_count > 0
    and {{ divide('counted.moved_count', 'counted.timed_count') }} > {{ threshold('survey_wave_share_above') }}
        as is_other_wave,
    {{ divide('counted.shared_count', 'sizes.respondent_count') }} >= {{ threshold('survey_reexport_share_from') }}
        as is_export_again
from counted
inner join sizes on counted.survey_id = sizes.survey_id and counted.earlier_sequence = sizes.lake_sequence
