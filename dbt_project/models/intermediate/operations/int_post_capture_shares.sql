with

posts as (
    {{ with_account_key('stg_posts') }}
),

post_days as (
    select distinct
        source,
        account_key,
        post_id,
        coalesce(created_date, cast(created_at as date)) as date
    from posts
    -- X and Mastodon count reposts among an account's posts, Bluesky does not.
    where platform != 'bluesky' or post_kind is distinct from 'repost'
),

days_reported as (
    select covered.source, covered.account_key, reported.date, reported.post_count
    from {{ ref('int_post_periods_covered') }} as covered
    inner join {{ ref('int_account_days_reported') }} as reported
        on
            covered.account_key = reported.account_key
            and reported.date between covered.start_date and covered.end_date
    where reported.post_count is not null
),

made_by_export as (
    select source, account_key, sum(post_count) as made_count, min(date) as first_date, max(date) as last_date
    from days_reported
    group by source, account_key
),

made_by_snapshots as (
    select
        account_key,
        max_by(post_count, date) - min_by(post_count, date) as made_count,
        min(date) + 1 as first_date,
        max(date) as last_date
    from {{ ref('int_account_snapshots_daily') }}
    where post_count is not null
    group by account_key
),

made as (
    select
        sources.source,
        sources.account_key,
        case when made_by_export.made_count is not null then 'daily_export' else 'post_count' end as basis,
        coalesce(made_by_export.made_count, made_by_snapshots.made_count) as made_count,
        coalesce(made_by_export.first_date, made_by_snapshots.first_date) as first_date,
        coalesce(made_by_export.last_date, made_by_snapshots.last_date) as last_date
    from (select distinct source, account_key from post_days) as sources
    left join made_by_export
        on sources.source = made_by_export.source and sources.account_key = made_by_export.account_key
    left join made_by_snapshots on sources.account_key = made_by_snapshots.account_key
),

captured as (
    select made.source, made.account_key, count(*) as captured_count
    from made
    inner join post_days
        on
            made.source = post_days.source
            and made.account_key = post_days.account_key
            and post_days.date between made.first_date and made.last_date
    group by made.source, made.account_key
)

select
    made.source,
    made.account_key,
    made.basis,
    -- Removed posts leave the account's count but not the lake, so more can be captured than the count shows.
    least({{ divide('captured.captured_count', 'made.made_count') }}, 1.0) as captured_post_share
from made
inner join captured on made.source = captured.source and made.account_key = captured.account_key
where made.made_count > 0
