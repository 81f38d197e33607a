select
    posts.account_key,
    cast(date_trunc('week', posts.date) as date) as week_start_date,
    round({{ precise_mean('ln(1 + posts.reaction_count)') }}, 9) as log_engagement,
    max_by(posts.follower_count, posts.created_at) as follower_count
from {{ ref('int_engagement_posts') }} as posts
where posts.follower_count > 0
group by posts.account_key, week_start_date
order by posts.account_key, week_start_date
