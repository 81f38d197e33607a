-- Company x platform x ISO week: reactions at one week of age to the posts of the week, and followers at each post.
with

-- On LinkedIn most days have a derived count only.
derived as (
    select account_key, date, follower_count
    from {{ ref('int_account_followers_derived') }}
),

posts as (
    select
        platforms.company_key,
        platforms.platform,
        posts.account_key,
        {{ iso_week('posts.date') }} as week_start_date,
        posts.age_basis,
        posts.reaction_count,
        coalesce(posts.follower_count, derived.follower_count) as follower_count
    from {{ ref('int_engagement_posts') }} as posts
    inner join {{ ref('int_company_platforms') }} as platforms on posts.account_key = platforms.account_key
    left join derived on posts.account_key = derived.account_key and posts.date = derived.date
),

weeks as (
    select
        company_key,
        platform,
        account_key,
        week_start_date,
        any_value(age_basis) as age_basis,
        count(*) as measured_post_count,
        count(*) filter (where follower_count > 0) as post_count,
        cast(sum(reaction_count) filter (where follower_count > 0) as bigint) as reaction_count,
        cast(sum(follower_count) filter (where follower_count > 0) as bigint) as follower_sum
    from posts
    group by company_key, platform, account_key, week_start_date
),

recent as (
    select *
    from weeks
    -- The same weeks for all platforms of the company.
    qualify
        week_start_date
        > max(week_start_date) over (partition by company_key)
        - 7 * cast({{ threshold('growth_window_weeks') }} as integer)
)

select
    recent.*,
    {{ divide(
        'sum(reaction_count) over by_account', 'sum(follower_sum) over by_account'
    ) }} as rate,
    -- How much the week moves the log of the rate; null without any reaction. Source: linearised ratio of two sums over
    -- weeks as clusters, Woodruff 1971.
    {{ divide(
        'reaction_count', 'sum(reaction_count) over by_account'
    ) }} - {{ divide('follower_sum', 'sum(follower_sum) over by_account') }} as pull
from recent
window by_account as (partition by company_key, platform)
