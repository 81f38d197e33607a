with

ended as (
    select
        account_key,
        start_date,
        end_date,
        max(end_date) over (partition by account_key) - cast({{ threshold('engaged_window_days') }} as integer) + 1
            as first_date
    from {{ ref('int_post_periods_covered') }}
),

recent as (
    select
        account_key,
        {{ each_day('greatest(start_date, first_date)', 'end_date') }} as date
    from ended
    where end_date >= first_date
),

covered as (
    select distinct account_key, date
    from recent
),

day_counts as (
    select account_key, count(*) as covered_day_count
    from covered
    group by account_key
),

partners as (
    select platform || ':' || post_id as post_key, max(in_reply_to_account_id) as in_reply_to_account_id
    from {{ ref('stg_posts') }}
    where in_reply_to_account_id is not null
    group by post_key
),

posts as (
    select
        int_posts.account_key,
        count(*) as post_count,
        count(*) filter (where int_posts.post_kind = 'reply') as reply_count,
        count(partners.in_reply_to_account_id) filter (where int_posts.post_kind = 'reply') as addressed_reply_count,
        count(distinct partners.in_reply_to_account_id) filter (where int_posts.post_kind = 'reply')
            as reply_partner_count
    from {{ ref('int_posts') }} as int_posts
    inner join covered
        on int_posts.account_key = covered.account_key and cast(int_posts.created_at as date) = covered.date
    left join partners on int_posts.post_key = partners.post_key
    group by int_posts.account_key
),

day_squares as (
    select account_key, sum(post_count * post_count) as post_count_square_sum
    from (
        select int_posts.account_key, covered.date, count(*) as post_count
        from {{ ref('int_posts') }} as int_posts
        inner join covered
            on int_posts.account_key = covered.account_key and cast(int_posts.created_at as date) = covered.date
        group by int_posts.account_key, covered.date
    ) as days
    group by account_key
)

-- A covered day without a post is a real zero.
select
    day_counts.account_key,
    day_counts.covered_day_count,
    {{ zero_if_no_row('posts.account_key', 'posts.post_count') }} as post_count,
    {{ divide(zero_if_no_row('posts.account_key', 'posts.post_count'), 'day_counts.covered_day_count') }}
        as posts_per_day,
    -- Of the mean over days, days taken as independent; of one day nothing is known about the others.
    sqrt({{ divide(
        'day_counts.covered_day_count * day_squares.post_count_square_sum - posts.post_count * posts.post_count',
        'day_counts.covered_day_count * day_counts.covered_day_count * (day_counts.covered_day_count - 1)'
    ) }}) as posts_per_day_error,
    posts.reply_count,
    posts.addressed_reply_count,
    posts.reply_partner_count,
    {{ divide('posts.reply_count', 'posts.post_count') }} as reply_share
from day_counts
left join posts on day_counts.account_key = posts.account_key
left join day_squares on day_counts.account_key = day_squares.account_key
