-- Company x date at which its followers may have moved: its first post on a platform, or an event of a platform.
with

platforms as (
    select * from {{ ref('int_company_platforms') }}
),

-- Boosts of others are not counted by Bluesky.
histories as (
    select
        posts.account_key,
        cast(min(posts.created_at) as date) as first_post_date,
        count(*) filter (where posts.post_kind <> 'repost' or platforms.platform <> 'bluesky') as known_post_count
    from {{ ref('int_posts') }} as posts
    inner join platforms on posts.account_key = platforms.account_key
    where posts.created_at is not null
    group by posts.account_key, platforms.platform
),

-- The first post that is known is the first one where no earlier one can be missing.
first_posts as (
    select
        platforms.company_key,
        platforms.platform as event_platform,
        histories.first_post_date as start_date,
        histories.first_post_date as end_date,
        'first post on ' || {{ platform_name('platforms.platform') }} as event
    from platforms
    inner join histories on platforms.account_key = histories.account_key
    inner join {{ ref('accounts') }} as accounts on platforms.account_key = accounts.account_key
    where
        histories.known_post_count >= accounts.post_count
        or {{ days_between('cast(accounts.created_at as date)', 'histories.first_post_date') }}
        <= {{ threshold('first_post_days') }}
)

select company_key, 'first_post' as event_kind, event_platform, event, start_date, end_date
from first_posts
union all
select distinct
    platforms.company_key,
    'platform_event' as event_kind,
    events.platform as event_platform,
    events.event,
    events.start_date,
    events.end_date
from platforms
inner join {{ ref('platform_events') }} as events on platforms.platform = events.platform
