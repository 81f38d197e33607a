-- Account x ISO week: the last level of followers in it, by the readings or by the daily gains, whichever cover more.
with

levels as (
    select account_key, date, follower_count
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null
    union all
    select account_key, date, follower_count
    from {{ ref('int_account_followers_derived') }}
),

level_weeks as (
    select
        account_key,
        {{ iso_week('date') }} as week_start_date,
        max(date) as date,
        max_by(follower_count, date) as level
    from levels
    group by account_key, {{ iso_week('date') }}
),

-- Days in a row whose net gain is known; a missing day ends the row, as its gain is not known.
gains as (
    select
        account_key,
        date,
        sum(net_follow_count) over (partition by account_key order by date rows unbounded preceding) as gained_count,
        {{ days_between("date '2000-01-01'", 'date') }}
        - row_number() over (partition by account_key order by date) as row_of_days
    from {{ ref('int_account_days_reported') }}
    where net_follow_count is not null
),

last_rows as (
    select account_key, max(row_of_days) as row_of_days
    from gains
    group by account_key
),

recent as (
    select gains.account_key, gains.date, gains.gained_count
    from gains
    inner join last_rows on gains.account_key = last_rows.account_key and gains.row_of_days = last_rows.row_of_days
),

-- One total within these days makes them levels of followers.
anchors as (
    select
        recent.account_key,
        max_by(levels.follower_count - recent.gained_count, recent.date) as level_before
    from recent
    inner join levels on recent.account_key = levels.account_key and recent.date = levels.date
    group by recent.account_key
),

gain_weeks as (
    select
        account_key,
        {{ iso_week('date') }} as week_start_date,
        max(date) as date,
        max_by(gained_count, date) as gained_count
    from recent
    group by account_key, {{ iso_week('date') }}
),

both_sides as (
    select account_key, week_start_date, date, level, 'followers' as basis, true as is_read
    from level_weeks
    union all
    select
        gain_weeks.account_key,
        gain_weeks.week_start_date,
        gain_weeks.date,
        gain_weeks.gained_count + coalesce(anchors.level_before, 0) as level,
        case when anchors.account_key is null then 'net_follows' else 'followers' end as basis,
        false as is_read
    from gain_weeks
    left join anchors on gain_weeks.account_key = anchors.account_key
),

counted as (
    select
        both_sides.*,
        count(*) filter (where is_read) over (partition by account_key) as read_week_count,
        count(*) filter (where not is_read) over (partition by account_key) as gain_week_count
    from both_sides
)

select account_key, week_start_date, date, cast(level as bigint) as level, basis
from counted
where is_read = (read_week_count >= gain_week_count)
