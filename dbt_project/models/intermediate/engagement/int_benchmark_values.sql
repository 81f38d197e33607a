with

accounts as (
    select account_key, followers_per_following
    from {{ ref('int_ratio_styles') }}
),

growth as (
    select * from {{ ref('int_benchmark_growth') }}
),

posting as (
    select * from {{ ref('int_benchmark_posting') }}
),

estimates as (
    select * from {{ ref('int_engagement_estimates') }}
),

found as (
    select
        account_key,
        'weekly_growth_rate' as metric,
        weekly_growth_rate as value,
        growth_rate_low as value_low,
        growth_rate_high as value_high
    from growth
    union all
    select
        account_key,
        'posts_per_day' as metric,
        posts_per_day as value,
        -- greatest passes over a null, which must stay one.
        case
            when posts_per_day_error is not null then greatest(0.0, posts_per_day - 1.96 * posts_per_day_error)
        end as value_low,
        posts_per_day + 1.96 * posts_per_day_error as value_high
    from posting
    union all
    select
        account_key,
        'reply_share' as metric,
        reply_share as value,
        {{ wilson_limit('reply_share', 'post_count', 'low') }} as value_low,
        {{ wilson_limit('reply_share', 'post_count', 'high') }} as value_high
    from posting
    union all
    -- Both counts are read, not estimated.
    select
        account_key,
        'followers_per_following' as metric,
        followers_per_following as value,
        null as value_low,
        null as value_high
    from accounts
    union all
    select
        account_key,
        case basis when 'follower' then 'engagement_per_1000_followers' else 'engagement_per_impression' end as metric,
        rate * case basis when 'follower' then 1000 else 1 end as value,
        conf_low * case basis when 'follower' then 1000 else 1 end as value_low,
        conf_high * case basis when 'follower' then 1000 else 1 end as value_high
    from estimates
)

select
    found.account_key,
    found.metric,
    found.value,
    found.value_low,
    found.value_high
from found
inner join accounts on found.account_key = accounts.account_key
where found.value is not null
