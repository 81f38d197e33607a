with

recent as (
    select
        posts.account_key,
        styles.size_tier,
        posts.reaction_count,
        posts.impression_count,
        posts.follower_count
    from {{ ref('int_engagement_posts') }} as posts
    inner join {{ ref('int_ratio_styles') }} as styles on posts.account_key = styles.account_key
    where {{ days_between('posts.date', 'styles.as_of_date') }} between 0 and {{ threshold('engaged_window_days') }}
),

trials as (
    select account_key, size_tier, 'impression' as basis, reaction_count, impression_count as trial_count
    from recent
    union all
    select account_key, size_tier, 'follower' as basis, reaction_count, follower_count as trial_count
    from recent
)

-- Whole numbers add up to the same sum in any order.
select
    account_key,
    basis,
    any_value(size_tier) as prior_group,
    count(*) as post_count,
    sum(reaction_count)::bigint as event_count,
    sum(trial_count)::bigint as trial_count,
    sum(cast(reaction_count as {{ type_large_number() }}) * reaction_count)::double as event_square_sum,
    sum(cast(reaction_count as {{ type_large_number() }}) * trial_count)::double as cross_sum,
    sum(cast(trial_count as {{ type_large_number() }}) * trial_count)::double as trial_square_sum
from trials
where trial_count > 0
group by account_key, basis
order by account_key, basis
