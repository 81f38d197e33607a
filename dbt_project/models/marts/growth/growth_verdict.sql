with

verdicts as (
    select * from {{ ref('int_growth_verdicts') }}
)

select
    segment_dimension,
    segment,
    quality_effect,
    quality_effect_low,
    quality_effect_high,
    volume_effect,
    volume_effect_low,
    volume_effect_high,
    difference,
    difference_low,
    difference_high,
    p_value,
    p_value_wild,
    ratio,
    ratio_low,
    ratio_high,
    twice_p_value,
    quality_explained_share,
    volume_explained_share,
    within_r2,
    verdict,
    summary_text,
    placebo_p_value,
    placebo_effect,
    p_value_adjusted,
    placebo_p_value_adjusted,
    reliability,
    account_count,
    week_count,
    observation_count,
    quality_bases,
    status,
    status_reason
from verdicts
