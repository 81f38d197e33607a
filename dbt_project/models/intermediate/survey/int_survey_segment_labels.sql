with

segments as (
    select distinct survey_id, segment_dimension, segment
    from {{ ref('int_survey_respondents') }}
    where segment is not null
),

bounds as (
    select segments.survey_id, segments.segment, labels.low, labels.high
    from segments
    inner join {{ ref('int_company_size_labels') }} as labels on segments.segment = labels.label
    where segments.segment_dimension = 'company_size'
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
    bounds.low as company_size_low,
    bounds.high as company_size_high,
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
left join bounds
    on
        segments.survey_id = bounds.survey_id
        and segments.segment_dimension = 'company_size'
        and segments.segment = bounds.segment
