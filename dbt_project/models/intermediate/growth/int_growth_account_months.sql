with

of_any_source as (
    select account_key, start_date, end_date
    from {{ ref('int_post_periods_covered') }}
),

periods as (
    {{ joined_periods('of_any_source', ['account_key']) }}
),

months as (
    select
        account_key,
        end_date,
        {{ each_day(
            "cast(date_trunc('month', start_date - 1 + interval 1 month) as date)", 'end_date', 1, 'month'
        ) }} as month_start_date
    from periods
),

covered as (
    select account_key, month_start_date
    from months
    where last_day(month_start_date) <= end_date
),

posts as (
    select
        account_key,
        cast(date_trunc('month', created_at) as date) as month_start_date,
        count(*) as post_count,
        round(avg(like_count), 9) as mean_like_count,
        round(avg(engagement_count), 9) as mean_engagement_count
    from {{ ref('int_posts') }}
    where post_kind <> 'repost'
    group by account_key, cast(date_trunc('month', created_at) as date)
),

-- New follows of a month are known only where all its days are reported.
follows as (
    select
        account_key,
        cast(date_trunc('month', date) as date) as month_start_date,
        cast(sum(new_follow_count) as bigint) as new_follow_count
    from {{ ref('int_account_days_reported') }}
    where new_follow_count is not null
    group by account_key, cast(date_trunc('month', date) as date)
    having count(*) = extract(day from last_day(cast(date_trunc('month', any_value(date)) as date)))
),

-- The reading nearest to the turn of a month is used for it, of two the earlier.
readings as (
    select account_key, date, follower_count, cast(date_trunc('month', date + 15) as date) as month_start_date
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null
),

turns as (
    select
        account_key,
        month_start_date,
        min_by(
            follower_count,
            abs({{ days_between('month_start_date', 'date') }})
            + case when date > month_start_date then 0.5 else 0.0 end
        ) as follower_count
    from readings
    where abs({{ days_between('month_start_date', 'date') }}) <= {{ threshold('month_level_days') }}
    group by account_key, month_start_date
)

select
    covered.account_key,
    covered.month_start_date,
    {{ zero_if_no_row('posts.account_key', 'posts.post_count') }} as post_count,
    posts.mean_like_count,
    posts.mean_engagement_count,
    follows.new_follow_count,
    following_turn.follower_count - turns.follower_count as follower_change
from covered
left join posts
    on covered.account_key = posts.account_key and covered.month_start_date = posts.month_start_date
left join follows
    on covered.account_key = follows.account_key and covered.month_start_date = follows.month_start_date
left join turns
    on covered.account_key = turns.account_key and covered.month_start_date = turns.month_start_date
left join turns as following_turn
    on
        covered.account_key = following_turn.account_key
        and covered.month_start_date + interval 1 month = following_turn.month_start_date
