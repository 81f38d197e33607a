with

hidden as (
    select survey_id, question_id, option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_suppressed
),

-- What would give away a cell that survey_segments hides is hidden here too.
linked as (
    select
        rows.survey_id,
        rows.question_id,
        rows.option,
        rows.benchmark_id,
        rows.denominator,
        rows.segment,
        rows.base_count,
        case when hidden.survey_id is null then rows.share end as share,
        case when hidden.survey_id is null then rows.share_low end as share_low,
        case when hidden.survey_id is null then rows.share_high end as share_high,
        case when hidden.survey_id is null then rows.status else 'suppressed' end as status,
        case
            when hidden.survey_id is null or rows.status = 'suppressed' then rows.status_reason
            else 'the share of the answer is hidden in survey_segments'
        end as status_reason
    from {{ ref('int_survey_linked_estimates') }} as rows
    left join hidden
        on
            rows.survey_id = hidden.survey_id
            and rows.question_id = hidden.question_id
            and rows.option = hidden.option
            and rows.segment_dimension = hidden.segment_dimension
            and rows.segment = hidden.segment
),

published as (
    select benchmark_id, denominator, segment, published_share, base, base_count, as_of, source
    from {{ ref('published_survey_figures') }}
)

select
    linked.survey_id,
    linked.question_id,
    linked.option,
    linked.segment,
    linked.benchmark_id,
    linked.denominator,
    linked.base_count,
    linked.share,
    linked.share_low,
    linked.share_high,
    published.published_share,
    published.source as published_source,
    published.base as published_base,
    published.base_count as published_base_count,
    published.as_of as published_as_of,
    linked.share - published.published_share as difference,
    linked.status,
    linked.status_reason
from linked
-- Like with like: a share of all companies is never compared with a share of those with a profile.
inner join published
    on
        linked.benchmark_id = published.benchmark_id
        and linked.denominator = published.denominator
        and lower(linked.segment) = published.segment
