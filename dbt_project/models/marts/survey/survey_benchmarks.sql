with

hidden as (
    select survey_id, question_id, option, segment_dimension, segment
    from {{ ref('int_survey_estimates') }}
    where is_suppressed
),

-- What would give away a cell that survey_segments hides is hidden here too: the answer's own, and that of the answer
-- which makes the denominator.
linked as (
    select
        rows.*,
        rows.status = 'ok' and hidden.survey_id is null and hidden_base.survey_id is null as is_shown
    from {{ ref('int_survey_linked_estimates') }} as rows
    left join hidden
        on
            rows.survey_id = hidden.survey_id
            and rows.question_id = hidden.question_id
            and rows.option = hidden.option
            and rows.segment_dimension = hidden.segment_dimension
            and rows.segment = hidden.segment
    left join hidden as hidden_base
        on
            rows.survey_id = hidden_base.survey_id
            and rows.base_question_id = hidden_base.question_id
            and rows.base_option = hidden_base.option
            and rows.segment_dimension = hidden_base.segment_dimension
            and rows.segment = hidden_base.segment
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
    case when linked.is_shown then linked.base_count end as base_count,
    case when linked.is_shown then linked.share end as share,
    case when linked.is_shown then linked.share_low end as share_low,
    case when linked.is_shown then linked.share_high end as share_high,
    published.published_share,
    published.source as published_source,
    published.base as published_base,
    published.base_count as published_base_count,
    published.as_of as published_as_of,
    case when linked.is_shown then linked.share - published.published_share end as difference,
    case when linked.is_shown then linked.status else 'suppressed' end as status,
    case
        when linked.is_shown or linked.status = 'suppressed' then linked.status_reason
        else 'the share of the answer or of its denominator is hidden in survey_segments'
    end as status_reason
from linked
-- Like with like: a share of all companies is never compared with a share of those with a profile.
inner join published
    on
        linked.benchmark_id = published.benchmark_id
        and linked.denominator = published.denominator
        and lower(linked.segment) = published.segment
