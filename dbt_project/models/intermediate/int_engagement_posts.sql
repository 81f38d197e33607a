-- Original post or quote with metrics at one week of age: what it had drawn by then, and from how large an audience.
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
        at_age.reaction_count,
        -- One basis for each account: exports show older posts, so they only stand in where nothing else was read.
        bool_or(at_age.age_basis = 'fixed_age') over (partition by own_posts.account_key) as has_fixed_age
    from own_posts
    inner join {{ ref('int_post_metrics_at_age') }} as at_age on own_posts.post_key = at_age.post_key
    where at_age.reaction_count is not null
),

-- Readings and posts in one line of time: each post sees the last reading before it. (An asof join is estimated at a
-- few rows here and takes a loop that costs a hundred times as much.)
timeline as (
    select account_key, date, null as post_key, follower_count
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null
    union all
    select account_key, date, post_key, null as follower_count
    from measured
    where age_basis = 'fixed_age' or not has_fixed_age
),

levelled as (
    select
        post_key,
        date,
        {{ last_known('follower_count') }} over before as follower_count,
        {{ last_known('case when follower_count is not null then date end') }} over before as level_date
    from timeline
    window before as (
        partition by account_key order by date, post_key nulls first rows unbounded preceding
    )
)

select
    measured.post_key,
    measured.account_key,
    measured.created_at,
    measured.date,
    measured.age_basis,
    measured.impression_count,
    measured.reaction_count,
    case
        when {{ days_between('levelled.level_date', 'levelled.date') }} <= {{ threshold('follower_level_days') }}
            then levelled.follower_count
    end as follower_count
from measured
inner join levelled on measured.post_key = levelled.post_key
where measured.age_basis = 'fixed_age' or not measured.has_fixed_age
