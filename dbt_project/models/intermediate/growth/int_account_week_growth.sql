-- Account x ISO week: growth from reading to reading, and what was posted and followed in that time.
with

intervals as (
    select * from {{ ref('int_account_week_intervals') }}
),

week_posts as (
    select * from {{ ref('int_account_week_posts') }}
),

weeks as (
    select account_key, week_start_date from {{ ref('int_account_week_levels') }}
    union
    select account_key, week_start_date
    from intervals
    where reading_end_at is not null
    union
    select account_key, week_start_date from week_posts
),

-- A reported day belongs to the week in which its noon lies.
days as (
    select
        account_key,
        new_follow_count,
        {{ midnight('date') }} + interval 12 hours as noon_at
    from {{ ref('int_account_days_reported') }}
    where new_follow_count is not null
),

new_follows as (
    select
        days.account_key,
        {{ week_of('days.noon_at', 'intervals') }} as week_start_date,
        count(*) as reported_day_count,
        cast(sum(days.new_follow_count) as bigint) as new_follow_count
    from days
    left join intervals
        on days.account_key = intervals.account_key and {{ iso_week('days.noon_at') }} = intervals.week_start_date
    group by days.account_key, {{ week_of('days.noon_at', 'intervals') }}
),

joined as (
    select
        weeks.account_key,
        weeks.week_start_date,
        intervals.reading_start_at,
        intervals.reading_end_at,
        coalesce(intervals.day_count, week_posts.day_count) as day_count,
        intervals.is_week,
        intervals.follower_count_start,
        intervals.follower_count_end,
        intervals.following_count_start,
        intervals.growth_rate,
        intervals.following_change,
        intervals.log_following_change,
        coalesce(levels.coverage_share, 0.0) as coverage_share,
        week_posts.account_key is not null as has_posts_covered,
        week_posts.post_count,
        week_posts.original_post_count,
        week_posts.link_post_count,
        round({{ divide('7 * week_posts.post_count', 'week_posts.day_count') }}, 9) as posts_per_week,
        round({{ divide('7 * week_posts.original_post_count', 'week_posts.day_count') }}, 9) as originals_per_week,
        {{ week_begin('intervals.reading_start_at', 'weeks.week_start_date') }} + interval 12 hours as noon_from,
        {{ week_end('intervals.reading_end_at', 'weeks.week_start_date') }} + interval 12 hours as noon_to
    from weeks
    left join intervals
        on weeks.account_key = intervals.account_key and weeks.week_start_date = intervals.week_start_date
    left join {{ ref('int_account_week_levels') }} as levels
        on weeks.account_key = levels.account_key and weeks.week_start_date = levels.week_start_date
    left join week_posts
        on weeks.account_key = week_posts.account_key and weeks.week_start_date = week_posts.week_start_date
)

select
    joined.account_key,
    joined.week_start_date,
    joined.reading_start_at,
    joined.reading_end_at,
    joined.day_count,
    joined.is_week,
    joined.follower_count_start,
    joined.follower_count_end,
    joined.following_count_start,
    joined.growth_rate,
    joined.following_change,
    joined.log_following_change,
    joined.coverage_share,
    joined.has_posts_covered,
    joined.post_count,
    joined.original_post_count,
    joined.link_post_count,
    joined.posts_per_week,
    joined.originals_per_week,
    round(ln(1 + joined.originals_per_week), 12) as volume,
    -- New follows of a week are known only where all its days are reported.
    round({{ divide('7 * new_follows.new_follow_count', 'new_follows.reported_day_count') }}, 9) as new_follow_count
from joined
left join new_follows
    on
        joined.account_key = new_follows.account_key
        and joined.week_start_date = new_follows.week_start_date
        and new_follows.reported_day_count
        = {{ days_between('cast(joined.noon_from as date)', 'cast(joined.noon_to as date)') }}
