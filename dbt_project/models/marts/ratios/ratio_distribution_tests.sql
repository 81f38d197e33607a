select
    segment_dimension,
    segment,
    account_count,
    test,
    statistic,
    p_value,
    is_multimodal,
    case
        when status <> 'ok' then 'not tested'
        when test = 'antimode' and is_multimodal then 'two styles: fewer accounts between the two than in either'
        when test = 'antimode' then 'no evidence of two styles'
        when test = 'dip' and is_multimodal then 'more than one hump, wherever they lie'
        when test = 'dip' then 'no evidence of more than one hump'
        else 'two humps, described by a mixture of two'
    end as finding,
    status,
    status_reason
from {{ ref('int_ratio_distribution_estimates') }}
