with

measured as (
    select
        pairs.*,
        'weekly_growth_rate' as measure,
        'difference' as comparison,
        {{ zero_if_no_row('growth.company_key', 'growth.week_count') }} as week_count,
        case
            when not is_growth_known
                then 'too little is known of the growth on ' || {{ platform_name('growth_lacking') }}
            when coalesce(growth.week_count < {{ threshold('company_weeks_from') }}, true)
                then {{ zero_if_no_row('growth.company_key', 'growth.week_count') }}
                || ' weeks read on both platforms; ' || cast({{ threshold('company_weeks_from') }} as integer)
                || ' are needed'
            else ''
        end as shortage,
        growth.difference,
        growth.differences,
        null as log_error
    from {{ ref('int_company_platform_pairs') }} as pairs
    left join {{ ref('int_company_growth_differences') }} as growth
        on
            pairs.company_key = growth.company_key
            and pairs.platform = growth.platform
            and pairs.other_platform = growth.other_platform
    union all
    select
        pairs.*,
        'engagement_per_1000_followers' as measure,
        'ratio' as comparison,
        {{ zero_if_no_row('ratios.company_key', 'ratios.week_count') }} as week_count,
        case
            when not is_engagement_known
                then 'too few posts on ' || {{ platform_name('engagement_lacking') }} || ' with reactions and followers'
            when one_rate = 0 or other_rate = 0 then 'a ratio needs reactions on both platforms'
            else ''
        end as shortage,
        {{ divide('pairs.one_rate', 'pairs.other_rate') }} as difference,
        null as differences,
        ratios.log_error
    from {{ ref('int_company_platform_pairs') }} as pairs
    left join {{ ref('int_company_engagement_ratios') }} as ratios
        on
            pairs.company_key = ratios.company_key
            and pairs.platform = ratios.platform
            and pairs.other_platform = ratios.other_platform
),

families as (
    select
        measured.*,
        count(*) filter (where shortage = '') over (partition by company_key, measure) as pair_count
    from measured
),

quantiles as (
    select
        families.*,
        {{ normal_quantile('0.025 / nullif(pair_count, 0)') }} as z
    from families
),

limited as (
    select
        quantiles.*,
        case
            when shortage <> '' then null
            when comparison = 'ratio' then difference * exp(-{{ student_quantile('z', 'week_count - 1') }} * log_error)
            else {{ median_limit('differences', 'low', 'z / 2', '0.5') }}
        end as conf_low,
        case
            when shortage <> '' then null
            when comparison = 'ratio' then difference * exp({{ student_quantile('z', 'week_count - 1') }} * log_error)
            else {{ median_limit('differences', 'high', 'z / 2', '0.5') }}
        end as conf_high
    from quantiles
)

select
    company,
    is_own,
    measure,
    platform,
    other_platform,
    comparison,
    case when shortage = '' then difference end as estimate,
    conf_low,
    conf_high,
    conf_low > case comparison when 'ratio' then 1 else 0 end
    or conf_high < case comparison when 'ratio' then 1 else 0 end as is_distinct,
    week_count,
    pair_count,
    case measure when 'weekly_growth_rate' then '' else engagement_note end as comparability_note,
    case
        when shortage = '' then 'ok'
        when is_engagement_known and measure = 'engagement_per_1000_followers' then 'not_testable'
        else 'insufficient_data'
    end as status,
    shortage as status_reason
from limited
