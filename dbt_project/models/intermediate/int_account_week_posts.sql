-- Account x ISO week that a source of posts covers in full, from reading to reading: how much was posted.
with

of_any_source as (
    select account_key, start_date, end_date
    from {{ ref('int_post_periods_covered') }}
),

periods as (
    {{ joined_periods('of_any_source', ['account_key']) }}
),

intervals as (
    select account_key, week_start_date, reading_start_at, reading_end_at
    from {{ ref('int_account_week_intervals') }}
),

-- Readings move the ends of a week by up to four days.
touched_weeks as (
    select
        account_key,
        start_date,
        end_date,
        {{ each_day(iso_week('start_date - 4'), 'end_date', 7) }} as week_start_date
    from periods
),

weeks as (
    select
        touched_weeks.account_key,
        touched_weeks.week_start_date,
        touched_weeks.start_date,
        touched_weeks.end_date,
        {{ week_begin('intervals.reading_start_at', 'touched_weeks.week_start_date') }} as start_at,
        {{ week_end('intervals.reading_end_at', 'touched_weeks.week_start_date') }} as end_at
    from touched_weeks
    left join intervals
        on
            touched_weeks.account_key = intervals.account_key
            and touched_weeks.week_start_date = intervals.week_start_date
),

covered_weeks as (
    select account_key, week_start_date, {{ days_apart('start_at', 'end_at') }} as day_count
    from weeks
    where start_at >= {{ midnight('start_date') }} and end_at <= {{ midnight('end_date + 1') }}
),

own_posts as (
    select
        int_posts.account_key,
        int_posts.post_key,
        int_posts.post_kind,
        int_posts.has_link,
        {{ week_of('int_posts.created_at', 'intervals') }} as week_start_date,
        int_posts.post_kind in ('original', 'quote') as is_original
    from {{ ref('int_posts') }} as int_posts
    left join intervals
        on
            int_posts.account_key = intervals.account_key
            and {{ iso_week('int_posts.created_at') }} = intervals.week_start_date
)

select
    covered_weeks.account_key,
    covered_weeks.week_start_date,
    round(any_value(covered_weeks.day_count), 9) as day_count,
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
