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
)

select
    covered_weeks.account_key,
    covered_weeks.week_start_date,
    round(covered_weeks.day_count, 9) as day_count,
    {%- for name in ['post_count', 'original_post_count', 'link_post_count', 'reply_post_count', 'repost_count'] %}
    {{ zero_if_no_row('sums.account_key', 'sums.' ~ name) }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from covered_weeks
left join {{ ref('int_account_week_post_sums') }} as sums
    on covered_weeks.account_key = sums.account_key and covered_weeks.week_start_date = sums.week_start_date
