with

spans as (
    select
        source,
        account_key,
        min(date) as first_date,
        max(date) as last_date,
        count(*) as captured_day_count
    from {{ ref('int_source_days') }}
    group by source, account_key
),

gaps as (
    select
        source,
        account_key,
        count(*) as gap_count,
        string_agg(
            strftime(gap_start_date, '%Y-%m-%d') || ' to ' || strftime(gap_end_date, '%Y-%m-%d')
            || ' (' || gap_day_count || ' days)',
            ', ' order by gap_start_date
        ) filter (where size_rank <= 3) as largest_gaps
    from {{ ref('int_source_gaps') }}
    group by source, account_key
),

-- How many posts the day-by-day export reports on the days for which posts were captured.
posts_reported as (
    select days.source, days.account_key, sum(reported.post_count) as reported_count
    from {{ ref('int_post_days_covered') }} as days
    inner join {{ ref('int_account_days_reported') }} as reported
        on days.account_key = reported.account_key and days.date = reported.date
    group by days.source, days.account_key
),

identified_posts as (
    {{ with_account_key('stg_posts') }}
),

posts_captured as (
    select posts.source, posts.account_key, count(distinct posts.post_id) as captured_count
    from identified_posts as posts
    inner join {{ ref('int_account_days_reported') }} as reported
        on
            posts.account_key = reported.account_key
            and coalesce(posts.created_date, cast(posts.created_at as date)) = reported.date
    group by posts.source, posts.account_key
)

select
    spans.source,
    spans.account_key,
    cast(spans.first_date as timestamptz) as first_captured_at,
    cast(spans.last_date as timestamptz) as last_captured_at,
    spans.captured_day_count,
    spans.last_date - spans.first_date + 1 - spans.captured_day_count as missing_day_count,
    {{ divide('posts_captured.captured_count', 'posts_reported.reported_count') }} as captured_post_share,
    case
        when gaps.gap_count > 3 then gaps.gap_count || ' gaps, the largest: ' || gaps.largest_gaps
        when gaps.gap_count > 0 then 'no data for ' || gaps.largest_gaps
    end as gap_note
from spans
left join gaps on spans.source = gaps.source and spans.account_key = gaps.account_key
left join posts_reported
    on spans.source = posts_reported.source and spans.account_key = posts_reported.account_key
left join posts_captured
    on spans.source = posts_captured.source and spans.account_key = posts_captured.account_key
