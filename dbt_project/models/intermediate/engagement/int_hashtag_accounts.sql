with

posts as (
    select post_key, account_key, relative_engagement, rank_share
    from {{ ref('int_engagement_relative') }}
    where relative_engagement is not null
),

tagged as (
    select
        posts.account_key,
        hashtags.hashtag,
        count(*) as with_count,
        {{ precise_sum('posts.relative_engagement') }} as with_sum,
        {{ precise_sum('pow(posts.relative_engagement, 2)') }} as with_square_sum,
        {{ decimal_mean('posts.rank_share') }} as with_rank_share
    from posts
    inner join {{ ref('int_post_hashtags') }} as hashtags on posts.post_key = hashtags.post_key
    group by posts.account_key, hashtags.hashtag
),

totals as (
    select
        account_key,
        count(*) as post_count,
        {{ precise_sum('relative_engagement') }} as total_sum,
        {{ precise_sum('pow(relative_engagement, 2)') }} as total_square_sum
    from posts
    group by account_key
),

sides as (
    select
        tagged.account_key,
        tagged.hashtag,
        tagged.with_count,
        totals.post_count - tagged.with_count as without_count,
        tagged.with_square_sum,
        tagged.with_rank_share,
        totals.total_square_sum - tagged.with_square_sum as without_square_sum,
        {{ divide('tagged.with_sum', 'tagged.with_count') }} as with_mean,
        {{ divide('totals.total_sum - tagged.with_sum', 'totals.post_count - tagged.with_count') }} as without_mean
    from tagged
    inner join totals on tagged.account_key = totals.account_key
),

variances as (
    select
        sides.*,
        -- Rounding can leave a sum of squares a hair below zero.
        greatest(0.0, {{ divide('with_square_sum - with_count * pow(with_mean, 2)', 'with_count - 1') }})
            as with_variance,
        greatest(0.0, {{ divide('without_square_sum - without_count * pow(without_mean, 2)', 'without_count - 1') }})
            as without_variance
    from sides
)

select
    account_key,
    hashtag,
    with_count,
    without_count,
    with_rank_share,
    round(with_mean, 9) as with_mean,
    round(without_mean, 9) as without_mean,
    case when with_mean > 1e-9 and without_mean > 1e-9 then round(ln({{ divide('with_mean', 'without_mean') }}), 9) end
        as log_ratio,
    case
        when with_count > 1 and without_count > 1
            then round(sqrt(
                {{ divide('with_variance', 'with_count * pow(with_mean, 2)') }}
                + {{ divide('without_variance', 'without_count * pow(without_mean, 2)') }}
            ), 9)
    end as log_error
from variances
