with

own_posts as (
    select post_key, account_key, created_at, cast(created_at as date) as date
    from {{ ref('int_posts') }}
    -- A repost's reactions belong to its author; a reply speaks to one person and not to the following.
    where post_kind in ('original', 'quote') and created_at is not null
),

measured as (
    select
        own_posts.*,
        at_age.age_basis,
        at_age.impression_count,
        at_age.reaction_count
    from own_posts
    inner join {{ ref('int_post_metrics_at_age') }} as at_age on own_posts.post_key = at_age.post_key
    where at_age.reaction_count is not null
),

fixed_age_accounts as (
    select distinct account_key
    from measured
    where age_basis = 'fixed_age'
),

readings as (
    select account_key, date, follower_count
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null
),

-- Nearly every post has a reading of its own day; an earlier one is sought for the others only.
same_day as (
    select measured.*, readings.follower_count
    from measured
    left join fixed_age_accounts on measured.account_key = fixed_age_accounts.account_key
    left join readings on measured.account_key = readings.account_key and measured.date = readings.date
    -- One basis for each account: exports show older posts, so they count only where nothing else was read.
    where measured.age_basis = 'fixed_age' or fixed_age_accounts.account_key is null
),

without_reading as (
    select account_key, date, post_key
    from same_day
    where follower_count is null
),

-- Readings and posts in one line of time: each post sees the last reading before it. (An asof join is estimated at a
-- few rows here and takes a loop that costs a hundred times as much.)
timeline as (
    select account_key, date, null as post_key, follower_count
    from readings
    where account_key in (select account_key from without_reading)
    union all
    select account_key, date, post_key, null as follower_count
    from without_reading
),

levelled as (
    select
        post_key,
        date,
        {{ last_known('follower_count') }} over before as follower_count,
        {{ last_known('case when follower_count is not null then date end') }} over before as level_date
    from timeline
    window before as (partition by account_key order by date, post_key nulls first rows unbounded preceding)
)

select
    same_day.post_key,
    same_day.account_key,
    same_day.created_at,
    same_day.date,
    same_day.age_basis,
    same_day.impression_count,
    same_day.reaction_count,
    case
        when same_day.follower_count is not null then same_day.follower_count
        when {{ days_between('levelled.level_date', 'levelled.date') }} <= {{ threshold('follower_level_days') }}
            then levelled.follower_count
    end as follower_count
from same_day
left join levelled on same_day.post_key = levelled.post_key
