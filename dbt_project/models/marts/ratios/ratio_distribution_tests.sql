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
        when gap_class = 'gap_shown' then 'two styles: fewer accounts between the two than in either'
        when gap_class = 'no_gap_shown'
            then 'no gap between two styles: the zone between is more than half as dense as the sparser style'
        when test = 'antimode' then 'cannot tell yet whether there are two styles'
        when test = 'dip' and is_multimodal then 'more than one hump, wherever they lie'
        when test = 'dip' then 'no evidence of more than one hump'
        else 'two humps, described by a mixture of two'
    end as summary_text,
    relative_gap_density,
    relative_gap_density_low,
    relative_gap_density_high,
    gap_class,
    accounts_needed,
    status,
    status_reason
from {{ ref('int_ratio_distribution_estimates') }}
