with

estimates as (
    select * from {{ ref('int_engagement_estimates') }}
),

bases as (
    select account_key, any_value(age_basis) as age_basis
    from {{ ref('int_engagement_posts') }}
    group by account_key
)

select
    styles.account_key,
    styles.ratio_style,
    styles.size_tier,
    styles.follower_count,
    per_follower.post_count,
    1000 * per_follower.raw_rate as raw_engagement_per_1000_followers,
    1000 * per_follower.rate as engagement_per_1000_followers,
    1000 * per_follower.conf_low as per_1000_followers_low,
    1000 * per_follower.conf_high as per_1000_followers_high,
    per_impression.post_count as impression_post_count,
    per_impression.raw_rate as raw_engagement_per_impression,
    per_impression.rate as engagement_per_impression,
    per_impression.conf_low as per_impression_low,
    per_impression.conf_high as per_impression_high,
    bases.age_basis,
    per_follower.prior_group,
    1000 * per_follower.prior_rate as prior_per_1000_followers,
    per_impression.prior_rate as prior_per_impression,
    coalesce(per_follower.status, 'insufficient_data') as status,
    case
        when per_follower.status is null then 'no post with reactions at one week of age in the last twelve weeks'
        else per_follower.status_reason
    end as status_reason
from {{ ref('int_ratio_styles') }} as styles
left join estimates as per_follower
    on styles.account_key = per_follower.account_key and per_follower.basis = 'follower'
left join estimates as per_impression
    on styles.account_key = per_impression.account_key and per_impression.basis = 'impression'
left join bases on styles.account_key = bases.account_key
