with

recent as (
    {{ recent_posts('timing_window_days', ['follower']) }}
),

valued as (
    select
        recent.*,
        case when is_per_follower then {{ divide('reaction_count', 'follower_count') }} else reaction_count end
            as engagement
    from recent
),

ranked as (
    select
        valued.*,
        -- Middle rank of equal values: where the post stands among the account's own, whatever their spread.
        rank() over (partition by account_key order by engagement) - 1
        + count(*) over (partition by account_key, engagement) / 2.0 as posts_below
    from valued
),

means as (
    select
        account_key,
        round({{ precise_mean('engagement') }}, 12) as mean_engagement,
        count(*) as account_post_count
    from valued
    group by account_key
)

select
    ranked.post_key,
    ranked.account_key,
    ranked.created_at,
    case when ranked.is_per_follower then 'per_follower' else 'per_post' end as engagement_basis,
    round({{ divide('ranked.engagement', 'means.mean_engagement') }}, 9) as relative_engagement,
    {{ divide('ranked.posts_below', 'means.account_post_count') }} as rank_share,
    means.account_post_count
from ranked
inner join means on ranked.account_key = means.account_key
