-- Account x ISO week that a source of posts covers in full: how much was posted.
with

of_any_source as (
    select account_key, start_date, end_date
    from {{ ref('int_post_periods_covered') }}
),

periods as (
    {{ joined_periods('of_any_source', ['account_key']) }}
),

-- From the first Monday on to the last Sunday.
covered_weeks as (
    select
        account_key,
        {{ each_day(
            "cast(date_trunc('week', start_date + 6) as date)", "cast(date_trunc('week', end_date + 1) as date) - 7", 7
        ) }} as week_start_date
    from periods
),

own_posts as (
    select
        account_key,
        post_key,
        post_kind,
        has_link,
        cast(date_trunc('week', created_at) as date) as week_start_date,
        post_kind in ('original', 'quote') as is_original
    from {{ ref('int_posts') }}
)

select
    covered_weeks.account_key,
    covered_weeks.week_start_date,
    count(own_posts.post_key) as post_count,
    count(own_posts.post_key) filter (where own_posts.is_original) as original_post_count,
    count(own_posts.post_key) filter (where own_posts.is_original and own_posts.has_link) as link_post_count,
    count(own_posts.post_key) filter (where own_posts.post_kind in ('reply', 'self_reply')) as reply_post_count,
    count(own_posts.post_key) filter (where own_posts.post_kind = 'repost') as repost_count
from covered_weeks
left join own_posts
    on
        covered_weeks.account_key = own_posts.account_key
        and covered_weeks.week_start_date = own_posts.week_start_date
group by covered_weeks.account_key, covered_weeks.week_start_date
