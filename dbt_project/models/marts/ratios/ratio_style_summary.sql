with

-- The follow limit forces a ratio of about 0.91 on accounts that follow in masses: their style cannot be read.
members as (
    select
        segments.segment_dimension,
        segments.segment,
        styles.account_key,
        styles.ratio_style,
        styles.ratio_style = 'interpersonal' and styles.is_follow_limited as is_forced,
        styles.reciprocity,
        styles.engagement_per_1000_followers,
        growth.weekly_growth_rate
    from {{ ref('int_ratio_segments') }} as segments
    inner join {{ ref('ratio_styles') }} as styles on segments.account_key = styles.account_key
    left join {{ ref('int_benchmark_growth') }} as growth on segments.account_key = growth.account_key
),

bases as (
    select
        segment_dimension,
        segment,
        count(*) filter (where not is_forced) as base_count,
        count(*) filter (where is_forced) as follow_limited_count,
        count(distinct split_part(account_key, ':', 1)) as platform_count
    from members
    group by segment_dimension, segment
),

styles as (
    select names.ratio_style
    from (
        values ('mass_communication'), ('transitional'), ('interpersonal'), ('net_follower'), ('too_small')
    ) as names (ratio_style)
),

cells as (
    select
        segment_dimension,
        segment,
        ratio_style,
        count(*) as account_count,
        count(*) filter (where reciprocity = 'interpersonal_confirmed') as confirmed_count,
        {{ sorted_list('weekly_growth_rate') }} as growth_rates,
        {{ sorted_list('engagement_per_1000_followers') }} as engagements
    from members
    where not is_forced
    group by segment_dimension, segment, ratio_style
),

-- A style that no account of the segment has is a reported zero.
complete as (
    select
        bases.*,
        styles.ratio_style,
        {{ zero_if_no_row('cells.segment', 'cells.account_count') }} as account_count,
        cells.confirmed_count,
        cells.growth_rates,
        cells.engagements,
        {{ divide(zero_if_no_row('cells.segment', 'cells.account_count'), 'bases.base_count') }} as account_share
    from bases
    cross join styles
    left join cells
        on
            bases.segment_dimension = cells.segment_dimension
            and bases.segment = cells.segment
            and styles.ratio_style = cells.ratio_style
)

select
    segment_dimension,
    segment,
    ratio_style,
    account_count,
    base_count,
    account_share,
    {{ wilson_limit('account_share', 'base_count', 'low') }} as share_low,
    {{ wilson_limit('account_share', 'base_count', 'high') }} as share_high,
    follow_limited_count,
    platform_count,
    case when ratio_style = 'interpersonal' then confirmed_count end as interpersonal_confirmed_count,
    {{ list_middle('growth_rates') }} as median_weekly_growth_rate,
    {{ median_limit('growth_rates', 'low') }} as growth_rate_low,
    {{ median_limit('growth_rates', 'high') }} as growth_rate_high,
    {{ list_length('growth_rates') }} as growth_account_count,
    {{ list_middle('engagements') }} as median_engagement_per_1000_followers,
    {{ median_limit('engagements', 'low') }} as engagement_low,
    {{ median_limit('engagements', 'high') }} as engagement_high,
    {{ list_length('engagements') }} as engagement_account_count,
    case when base_count >= {{ threshold('segment_accounts_from') }} then 'ok' else 'insufficient_data' end as status,
    case
        when base_count < {{ threshold('segment_accounts_from') }}
            then base_count || ' accounts with a readable style in the segment; '
            || cast({{ threshold('segment_accounts_from') }} as integer) || ' are needed'
    end as status_reason
from complete
