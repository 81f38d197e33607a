with

registry as (
    select * from {{ ref('int_accounts_registered') }}
),

first_weeks as (
    select account_key, follower_count_start as follower_count, following_count_start as following_count
    from {{ ref('int_account_week_intervals') }}
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
    qualify row_number() over (partition by account_key order by week_start_date) = 1
),

known as (
    select
        first_weeks.account_key,
        split_part(first_weeks.account_key, ':', 1) as platform,
        {{ size_tier('first_weeks.follower_count') }} as size_tier,
        {{ ratio_style('first_weeks.follower_count', 'first_weeks.following_count') }} as ratio_style,
        registry.industry,
        registry.customer_focus
    from first_weeks
    left join registry on first_weeks.account_key = registry.account_key
)

select account_key, segment_dimension, segment
from known
unpivot (segment for segment_dimension in (platform, size_tier, ratio_style, industry, customer_focus))
