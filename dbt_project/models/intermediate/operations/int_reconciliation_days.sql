with

-- Sums over the posts of the day, each side's own.
post_sums as (
    select
        account_key,
        date,
        metric,
        cast(sum(api_count) as bigint) as api_value,
        cast(sum(export_count) as bigint) as export_value,
        count(api_count) as api_post_count,
        count(export_count) as export_post_count,
        count(*) filter (where api_count is not null and export_count is not null) as shared_post_count,
        coalesce(bool_or(abs({{ time_between('hour', 'api_captured_at', 'export_captured_at') }}) > 1), false)
            as is_read_apart,
        coalesce(sum({{ time_between('hour', 'api_captured_at', 'export_captured_at') }}), 0) as export_hours_later
    from {{ ref('int_reconciliation_counts') }}
    group by account_key, date, metric
),

post_periods as (
    select account_key, metric, min(date) as first_date, max(date) as last_date
    from post_sums
    where export_value is not null
    group by account_key, metric
),

of_posts as (
    select
        post_sums.account_key,
        post_sums.date,
        post_sums.metric,
        post_sums.api_value,
        post_sums.export_value,
        post_sums.api_post_count <> post_sums.shared_post_count
        or post_sums.export_post_count <> post_sums.shared_post_count as has_other_posts,
        post_sums.is_read_apart,
        post_sums.export_hours_later,
        false as has_other_hours
    from post_sums
    inner join post_periods
        on
            post_sums.account_key = post_periods.account_key
            and post_sums.metric = post_periods.metric
            and post_sums.date between post_periods.first_date and post_periods.last_date
),

-- A day of snapshots runs from reading to reading, a day of an export from midnight to midnight.
snapshots as (
    select account_key, date, follower_count, post_count, last_captured_at
    from {{ ref('int_account_snapshots_daily') }}
),

changes as (
    select
        snapshots.account_key,
        snapshots.date,
        snapshots.follower_count - yesterday.follower_count as follower_change,
        snapshots.post_count - yesterday.post_count as post_change,
        extract(hour from snapshots.last_captured_at) between 1 and 22
        or extract(hour from yesterday.last_captured_at) between 1 and 22 as has_other_hours
    from snapshots
    inner join snapshots as yesterday
        on snapshots.account_key = yesterday.account_key and snapshots.date - 1 = yesterday.date
),

of_days as (
    select
        reported.account_key,
        reported.date,
        metrics.metric,
        case metrics.metric when 'post_count' then changes.post_change else changes.follower_change end as api_value,
        case metrics.metric when 'post_count' then reported.post_count else reported.net_follow_count end
            as export_value,
        false as has_other_posts,
        false as is_read_apart,
        0 as export_hours_later,
        coalesce(changes.has_other_hours, false) as has_other_hours
    from {{ ref('int_account_days_reported') }} as reported
    cross join (values ('follower_change'), ('post_count')) as metrics (metric)
    left join changes on reported.account_key = changes.account_key and reported.date = changes.date
),

both_kinds as (
    select * from of_posts
    union all
    select * from of_days
)

select
    account_key,
    date,
    metric,
    cast(api_value as bigint) as api_value,
    cast(export_value as bigint) as export_value,
    has_other_posts,
    is_read_apart,
    export_hours_later,
    has_other_hours
from both_kinds
where api_value is not null or export_value is not null
