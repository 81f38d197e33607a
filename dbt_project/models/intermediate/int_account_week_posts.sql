-- Account x ISO week that a source of posts covers in full: how much was posted and how it was received.
with

covered_days as (
    select distinct account_key, date
    from {{ ref('int_post_days_covered') }}
),

covered_weeks as (
    select account_key, cast(date_trunc('week', date) as date) as week_start_date
    from covered_days
    group by account_key, week_start_date
    having count(*) = 7
),

own_posts as (
    select
        int_posts.*,
        cast(date_trunc('week', int_posts.created_at) as date) as week_start_date,
        int_posts.post_kind in ('original', 'quote') as is_original
    from {{ ref('int_posts') }} as int_posts
)

select
    covered_weeks.account_key,
    covered_weeks.week_start_date,
    count(own_posts.post_key) as post_count,
    count(own_posts.post_key) filter (where own_posts.is_original) as original_post_count,
    count(own_posts.post_key) filter (where own_posts.is_original and own_posts.has_link) as link_post_count,
    -- favg and the rounding keep the last digits from depending on the order in which threads add.
    round(
        favg(ln(1 + own_posts.link_click_count)) filter (where own_posts.is_original and own_posts.has_link), 12
    ) as log_clicks_per_link_post,
    {{ divide(
        'sum(own_posts.engagement_count) filter (where own_posts.is_original and own_posts.impression_count > 0)',
        'sum(own_posts.impression_count) filter (where own_posts.is_original and own_posts.engagement_count >= 0)'
    ) }} as engagement_per_impression,
    round(favg(ln(1 + own_posts.engagement_count)) filter (where own_posts.is_original), 12) as log_engagement_per_post
from covered_weeks
left join own_posts
    on
        covered_weeks.account_key = own_posts.account_key
        and covered_weeks.week_start_date = own_posts.week_start_date
group by covered_weeks.account_key, covered_weeks.week_start_date
