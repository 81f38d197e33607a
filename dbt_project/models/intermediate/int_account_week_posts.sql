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
        int_posts.post_kind,
        int_posts.has_link,
        {{ week_of('int_posts.created_at', 'intervals') }} as week_start_date,
        int_posts.post_kind in ('original', 'quote') as is_original
    from {{ ref('int_posts') }} as int_posts
    left join intervals
        on
            int_posts.account_key = intervals.account_key
            and {{ iso_week('int_posts.created_at') }} = intervals.week_start_date
),

-- Added up before they meet the weeks: a join of all posts to both took more memory than the pipeline has.
sums as (
    select
        account_key,
        week_start_date,
        count(*) as post_count,
        count(*) filter (where is_original) as original_post_count,
        count(*) filter (where is_original and has_link) as link_post_count,
        count(*) filter (where post_kind in ('reply', 'self_reply')) as reply_post_count,
        count(*) filter (where post_kind = 'repost') as repost_count
    from own_posts
    group by account_key, week_start_date
)

select
    covered_weeks.account_key,
    covered_weeks.week_start_date,
    round(covered_weeks.day_count, 9) as day_count,
    {%- for name in ['post_count', 'original_post_count', 'link_post_count', 'reply_post_count', 'repost_count'] %}
    {{ counted('sums.account_key', 'sums.' ~ name) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from covered_weeks
left join sums
    on covered_weeks.account_key = sums.account_key and covered_weeks.week_start_date = sums.week_start_date
