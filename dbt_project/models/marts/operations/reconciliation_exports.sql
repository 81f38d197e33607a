with

daily as (
    select account_key, date, metric, count_value
    from {{ ref('int_account_days_reported') }}
    unpivot (count_value for metric in (impression_count, like_count, repost_count, reply_count))
),

posts as (
    select account_key, date, metric, export_count
    from {{ ref('int_reconciliation_counts') }}
    where export_count is not null
),

-- Both exports have a period of their own; they are compared where these overlap.
daily_periods as (
    select account_key, metric, min(date) as first_date, max(date) as last_date
    from daily
    group by account_key, metric
),

post_periods as (
    select account_key, metric, min(date) as first_date, max(date) as last_date
    from posts
    group by account_key, metric
),

periods as (
    select
        daily_periods.account_key,
        daily_periods.metric,
        greatest(daily_periods.first_date, post_periods.first_date) as first_date,
        -- A post draws most of what it ever will in its first days.
        least(
            daily_periods.last_date,
            post_periods.last_date + cast({{ threshold('reconciliation_days_of_last_post') }} as integer)
        ) as last_date
    from daily_periods
    inner join post_periods
        on daily_periods.account_key = post_periods.account_key and daily_periods.metric = post_periods.metric
),

daily_sums as (
    select periods.account_key, periods.metric, sum(daily.count_value) as day_total
    from periods
    inner join daily
        on
            periods.account_key = daily.account_key
            and periods.metric = daily.metric
            and daily.date between periods.first_date and periods.last_date
    group by periods.account_key, periods.metric
),

post_sums as (
    select periods.account_key, periods.metric, sum(posts.export_count) as post_total, count(*) as post_count
    from periods
    inner join posts
        on
            periods.account_key = posts.account_key
            and periods.metric = posts.metric
            and posts.date between periods.first_date and periods.last_date
    group by periods.account_key, periods.metric
),

compared as (
    select
        periods.account_key,
        periods.metric,
        periods.first_date,
        periods.last_date,
        post_sums.post_count,
        cast(daily_sums.day_total as bigint) as day_total,
        cast(post_sums.post_total as bigint) as post_total,
        cast(post_sums.post_total - daily_sums.day_total as bigint) as difference
    from periods
    inner join daily_sums on periods.account_key = daily_sums.account_key and periods.metric = daily_sums.metric
    inner join post_sums on periods.account_key = post_sums.account_key and periods.metric = post_sums.metric
)

select
    account_key,
    metric,
    first_date,
    last_date,
    post_count,
    day_total,
    post_total,
    difference,
    round({{ divide('difference', 'day_total') }}, 6) as difference_share,
    -- First match wins.
    case
        when metric = 'repost_count' and account_key like 'linkedin:%' then 'counted_differently'
        when
            abs(difference) <= greatest(
                {{ threshold('reconciliation_tolerance_count') }},
                {{ threshold('reconciliation_tolerance_share') }} * greatest(abs(day_total), abs(post_total))
            )
            then 'within_tolerance'
        when difference < 0 then 'older_posts'
        else 'unexplained'
    end as reason
from compared
