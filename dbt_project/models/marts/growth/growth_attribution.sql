with

estimates as (
    select * from {{ ref('int_growth_estimates') }}
)

select
    specification,
    segment_dimension,
    segment,
    term,
    estimate,
    standard_error,
    conf_low,
    conf_high,
    p_value,
    p_value_wild,
    se_crv1,
    se_crv3,
    method,
    within_sd,
    standardised_estimate,
    standardised_low,
    standardised_high,
    explained_share,
    explained_share_low,
    explained_share_high,
    within_r2,
    difference_from_rest,
    difference_p_value,
    difference_p_value_adjusted,
    reliability,
    account_count,
    week_count,
    observation_count,
    quality_bases,
    status,
    status_reason
from estimates
-- Comparisons of quality with volume are not terms of a model; see growth_verdict.
where term not in ('quality_minus_volume', 'quality_minus_twice_volume', 'quality_per_volume')
