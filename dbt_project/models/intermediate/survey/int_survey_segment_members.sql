with

respondents as (
    select
        survey_id,
        respondent_id,
        segment_dimension,
        segment,
        -- Decimal, so that sums do not depend on the order in which threads add; with many places, as weights may add
        -- up to one. A response without a weight counts for nothing in a survey that has weights, and like any other
        -- in one that has none.
        cast(
            coalesce(weight, case when max(weight) over (partition by survey_id) is null then 1 else 0 end)
            as decimal(38, 18)
        ) as weight
    from {{ ref('int_survey_respondents') }}
    -- Responses that the mapping's quality rules set aside stay in staging with their reason.
    where exclusion_reason is null
)

select survey_id, respondent_id, 'all' as segment_dimension, 'all' as segment, max(weight) as weight
from respondents
group by survey_id, respondent_id
union all
select survey_id, respondent_id, segment_dimension, segment, weight
from respondents
where segment_dimension is not null and segment is not null
