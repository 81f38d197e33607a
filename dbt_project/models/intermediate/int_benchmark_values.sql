-- Account x metric with a value: what is compared between accounts.
with

wide as (
    select
        styles.account_key,
        growth.weekly_growth_rate,
        posting.posts_per_day,
        posting.reply_share,
        styles.followers_per_following,
        1000 * per_follower.rate as engagement_per_1000_followers,
        per_impression.rate as engagement_per_impression
    from {{ ref('int_ratio_styles') }} as styles
    left join {{ ref('int_benchmark_growth') }} as growth on styles.account_key = growth.account_key
    left join {{ ref('int_benchmark_posting') }} as posting on styles.account_key = posting.account_key
    left join {{ ref('int_engagement_estimates') }} as per_follower
        on styles.account_key = per_follower.account_key and per_follower.basis = 'follower'
    left join {{ ref('int_engagement_estimates') }} as per_impression
        on styles.account_key = per_impression.account_key and per_impression.basis = 'impression'
)

select account_key, metric, value
from wide
unpivot (
    value for metric in (
        weekly_growth_rate, posts_per_day, reply_share, followers_per_following,
        engagement_per_1000_followers, engagement_per_impression
    )
)
