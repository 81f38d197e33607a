-- Account x day of the last year on which follows are known: what was won, and how many strong posts were made.
with

accounts as (
    select account_key, is_own, first_date, last_date from {{ ref('int_timing_accounts') }}
),

strong as (
    select account_key, cast(created_at as date) as date, count(*) as strong_post_count
    from {{ ref('int_engagement_relative') }}
    where
        relative_engagement >= {{ threshold('strong_post_times_from') }}
        and rank_share >= {{ threshold('strong_post_rank_from') }}
    group by account_key, cast(created_at as date)
),

levels as (
    select
        snapshots.account_key,
        snapshots.follower_count,
        snapshots.follower_count_at,
        lag(snapshots.follower_count_at) over by_day as follower_count_before_at,
        lag(snapshots.follower_count) over by_day as follower_count_before
    from {{ ref('int_account_snapshots_daily') }} as snapshots
    inner join accounts on snapshots.account_key = accounts.account_key
    where
        snapshots.follower_count is not null
        and snapshots.date between accounts.first_date - 1 and accounts.last_date + 2
    window by_day as (partition by snapshots.account_key order by snapshots.date)
),

-- What came between two readings belongs to the day in the middle: who reads in the morning sees the day before.
changes as (
    select
        account_key,
        cast({{ middle_time('follower_count_before_at', 'follower_count_at') }} as date) as date,
        max_by(follower_count - follower_count_before, follower_count_at) as net_change,
        max_by(follower_count_before, follower_count_at) as follower_count_before
    from levels
    where {{ days_apart('follower_count_before_at', 'follower_count_at') }} between 0.5 and 1.5
    group by account_key, cast({{ middle_time('follower_count_before_at', 'follower_count_at') }} as date)
    having count(*) = 1
),

reported as (
    select days.account_key, days.date, days.new_follow_count, days.net_follow_count
    from {{ ref('int_account_days_reported') }} as days
    inner join accounts on days.account_key = accounts.account_key
    where coalesce(days.new_follow_count, days.net_follow_count) is not null
),

known as (
    select
        coalesce(changes.account_key, reported.account_key) as account_key,
        coalesce(changes.date, reported.date) as date,
        coalesce(changes.net_change, reported.net_follow_count) as net_follow_count,
        changes.follower_count_before,
        reported.new_follow_count
    from changes
    full join reported on changes.account_key = reported.account_key and changes.date = reported.date
),

covered as (
    select distinct known.account_key, known.date
    from known
    inner join {{ ref('int_post_periods_covered') }} as periods
        on
            known.account_key = periods.account_key
            and known.date between periods.start_date and periods.end_date
)

select
    known.account_key,
    known.date,
    accounts.is_own,
    known.net_follow_count,
    known.new_follow_count,
    known.follower_count_before,
    -- A day is judged where its posts were read, and lie in the time whose responses are known.
    case
        when covered.date is not null and known.date between accounts.first_date and accounts.last_date
            then {{ zero_if_no_row('strong.date', 'strong.strong_post_count') }}
    end as strong_post_count
from known
inner join accounts on known.account_key = accounts.account_key
left join covered on known.account_key = covered.account_key and known.date = covered.date
left join strong on known.account_key = strong.account_key and known.date = strong.date
where known.date between accounts.first_date and accounts.last_date
