with

segments as (
    select
        *,
        trim({{ replace_matches('lower(option)', "'[^a-z0-9]+'", "' '") }}) as option_key
    from {{ ref('survey_segments') }}
),

words as (
    select word, platform, count(*) over (partition by word) as platform_count
    from {{ ref('survey_platform_words') }}
),

-- One letter may be the tick of a box: it counts where another answer of the question names a platform.
naming as (
    select segments.survey_id, segments.question_id
    from segments
    inner join words on segments.option_key = words.word
    group by segments.survey_id, segments.question_id
    having count(distinct segments.option_key) > 1
)

select
    segments.survey_id,
    segments.question_id,
    segments.question,
    segments.option,
    words.platform,
    words.platform_count,
    segments.segment_dimension,
    segments.segment,
    segments.base_count,
    segments.share,
    segments.share_low,
    segments.share_high,
    works.question_id as effectiveness_question_id,
    works.user_mean,
    works.other_mean,
    works.difference as effectiveness_difference,
    works.difference_low as effectiveness_difference_low,
    works.difference_high as effectiveness_difference_high,
    works.status as effectiveness_status,
    works.status_reason as effectiveness_status_reason,
    segments.sampling_note,
    case when segments.is_suppressed then 'suppressed' else 'ok' end as status,
    case when segments.is_suppressed then segments.suppression_reason else '' end as status_reason
from segments
inner join naming on segments.survey_id = naming.survey_id and segments.question_id = naming.question_id
inner join words on segments.option_key = words.word
left join {{ ref('survey_what_works') }} as works
    on
        segments.survey_id = works.survey_id
        and segments.question_id = works.initiatives_question_id
        and segments.option = works.option
        and segments.segment_dimension = works.segment_dimension
        and segments.segment = works.segment
