with

files as (
    select
        waves.*,
        row_number() over (partition by waves.survey_id order by waves.lake_sequence) as file_number
    from {{ ref('int_survey_waves') }} as waves
),

counts as (
    select
        survey_id,
        lake_sequence,
        count(*) filter (where not is_left_out) as counted_respondent_count,
        count(*) filter (where is_left_out) as left_out_respondent_count
    from {{ ref('int_survey_people') }}
    group by survey_id, lake_sequence
),

conflicts as (
    select survey_id, lake_sequence, max(conflict_count) as conflict_count
    from {{ ref('int_survey_readings_compared') }}
    group by survey_id, lake_sequence
),

joined as (
    select
        files.*,
        counts.counted_respondent_count,
        counts.left_out_respondent_count,
        conflicts.conflict_count
    from files
    left join counts on files.survey_id = counts.survey_id and files.lake_sequence = counts.lake_sequence
    left join conflicts on files.survey_id = conflicts.survey_id and files.lake_sequence = conflicts.lake_sequence
)

select
    survey_id,
    cast(file_number as integer) as file_number,
    captured_at,
    wave_number,
    respondent_count,
    {{ zero_if_no_row('counted_respondent_count', 'counted_respondent_count') }} as counted_respondent_count,
    {{ zero_if_no_row('left_out_respondent_count', 'left_out_respondent_count') }} as left_out_respondent_count,
    {{ zero_if_no_row('conflict_count', 'conflict_count') }} as returning_otherwise_count,
    case
        when left_out_respondent_count > 0 and conflict_count > 0 and wave_number > 1
            then left_out_respondent_count || ' respondents are not in a later full export and are left out. Ids come '
            || 'back from an earlier file with other times and answers: wave ' || wave_number || ' of the survey'
        when left_out_respondent_count > 0
            then left_out_respondent_count || case when left_out_respondent_count = 1 then ' respondent is' else
                ' respondents are' end || ' not in a later full export and left out'
        when conflict_count > 0 and wave_number > 1
            then conflict_count || case when conflict_count = 1 then ' id comes' else ' ids come' end
            || ' back from an earlier file with other times and answers: counted as other '
            || 'people, wave ' || wave_number || '. Give each wave a survey_id of its own to compare them'
        when conflict_count > 0
            then conflict_count || case when conflict_count = 1 then ' id comes' else ' ids come' end
            || ' back from an earlier file with other times and answers: counted as edited, the newest answers hold'
    end as note
from joined
