select
    survey_id,
    respondent_id,
    cast(dense_rank() over (partition by survey_id order by respondent_id) - 1 as integer) as respondent_number,
    segment_dimension,
    segment,
    weight
from {{ ref('int_survey_segment_members') }}
