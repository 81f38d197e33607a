with

-- Kish: unequal weights make n respondents worth n / design effect.
shares as (
    select
        cells.*,
        {{ divide('weight_selected', 'weight_total') }} as share,
        {{ divide('base_count * weight_square_total', 'weight_total * weight_total') }} as design_effect,
        {{ divide('weight_total * weight_total', 'weight_square_total') }} as effective_count,
        case
            when segment_dimension <> 'all'
                then {{ divide(
                    '(sum(weight_selected) over everyone_else)', '(sum(weight_total) over everyone_else)'
                ) }}
        end as share_of_rest,
        base_count < {{ threshold('survey_base_from') }}
        or (respondent_count > 0 and respondent_count < {{ threshold('survey_cell_from') }}) as is_suppressed
    from {{ ref('int_survey_cells') }} as cells
    window everyone_else as (
        partition by survey_id, question_id, option, segment_dimension
        order by segment
        rows between unbounded preceding and unbounded following exclude current row
    )
),

limits as (
    select
        shares.*,
        {{ wilson_limit('share', 'effective_count', 'low') }} as share_low,
        {{ wilson_limit('share', 'effective_count', 'high') }} as share_high
    from shares
)

select
    survey_id,
    question_id,
    question,
    option,
    segment_dimension,
    segment,
    case when not is_suppressed then respondent_count end as respondent_count,
    base_count,
    case when not is_suppressed then share end as share,
    case when not is_suppressed then share_low end as share_low,
    case when not is_suppressed then share_high end as share_high,
    design_effect,
    case when not is_suppressed then share - share_of_rest end as difference_from_rest,
    cast(null as double) as p_value,
    cast(null as double) as p_value_adjusted,
    cast(null as boolean) as is_significant,
    is_suppressed
from limits
