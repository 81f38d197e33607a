-- Segment of a survey x the common segment that it stands for, where there is one: bands and names differ by survey.
with

segments as (
    select distinct survey_id, segment_dimension, segment
    from {{ ref('stg_survey_respondents') }}
    where segment is not null
),

-- 1,001+ becomes 1001+, so that its digits are one number.
sizes as (
    select
        survey_id,
        segment,
        replace(lower(segment), ',', '') as plain,
        regexp_extract_all(replace(lower(segment), ',', ''), '\d+', 0) as numbers
    from segments
    where segment_dimension = 'company_size'
),

numbered as (
    select
        sizes.survey_id,
        sizes.segment,
        sizes.plain,
        {{ list_length('sizes.numbers') }} as number_count,
        cast({{ list_element('sizes.numbers', 1) }} as bigint) as first_number,
        cast({{ list_element('sizes.numbers', list_length('sizes.numbers')) }} as bigint) as last_number
    from sizes
),

bounds as (
    select
        numbered.survey_id,
        numbered.segment,
        case
            when words.low is not null then words.low
            when {{ has_match('plain', "'(fewer|less|under|up to|below|<)'") }} and number_count = 1 then 1
            when {{ has_match('plain', "'(more than|over|above|>)'") }} then first_number + 1
            else first_number
        end as low,
        case
            when words.low is not null then words.high
            when {{ has_match('plain', "'(up to|<=)'") }} then first_number
            when {{ has_match('plain', "'(fewer|less|under|below|<)'") }} and number_count = 1 then first_number - 1
            when {{ has_match('plain', "'(more|over|above|larger|>|\\+)'") }} then {{ threshold('company_size_top') }}
            else last_number
        end as high
    from numbered
    left join {{ ref('company_size_words') }} as words on numbered.plain = words.word
),

overlapping as (
    select
        bounds.survey_id,
        bounds.segment,
        bands.common_segment,
        -- Without an upper limit no share can be counted: such a band fits where its lower end does.
        case
            when bounds.high >= {{ threshold('company_size_top') }}
                then cast(bands.high >= {{ threshold('company_size_top') }} and bounds.low >= bands.low as double)
            else {{ divide(
                'least(bounds.high, bands.high) - greatest(bounds.low, bands.low) + 1', 'bounds.high - bounds.low + 1'
            ) }}
        end as overlap_share
    from bounds
    inner join {{ ref('company_size_bands') }} as bands on bounds.low <= bands.high and bounds.high >= bands.low
),

matches as (
    select survey_id, 'company_size' as segment_dimension, segment, common_segment, overlap_share
    from overlapping
    union all
    select segments.survey_id, segments.segment_dimension, segments.segment, names.common_segment, 1.0 as overlap_share
    from segments
    inner join {{ ref('industry_names') }} as names on {{ has_match('lower(segments.segment)', 'names.pattern') }}
    where segments.segment_dimension = 'industry'
    qualify row_number() over (partition by segments.survey_id, segments.segment order by names.priority) = 1
),

best as (
    select survey_id, segment_dimension, segment, common_segment, overlap_share
    from matches
    qualify row_number() over (
        partition by survey_id, segment_dimension, segment order by overlap_share desc, common_segment asc
    ) = 1
)

select
    segments.survey_id,
    segments.segment_dimension,
    segments.segment,
    case
        when best.overlap_share >= {{ threshold('segment_overlap_from') }} then best.common_segment
    end as common_segment,
    round(best.overlap_share, 6) as overlap_share,
    case
        when segments.segment_dimension not in ('company_size', 'industry') then 'not_harmonised'
        when best.overlap_share is null then 'unknown'
        when best.overlap_share >= 1 then 'exact'
        when best.overlap_share >= {{ threshold('segment_overlap_from') }} then 'nearly'
        else 'does_not_fit'
    end as fit_class
from segments
left join best
    on
        segments.survey_id = best.survey_id
        and segments.segment_dimension = best.segment_dimension
        and segments.segment = best.segment
