{# What the settled windows of int_follow_days_settled and the one of int_follow_days, which ends with the last reading,
   have in common. Two models, because the settled windows change one day in seven. #}

{# Changes between the readings of each account, without those that a platform event explains: the rest of a query whose
   first common table expression is `readings` (account_key, platform, date, follower_count, following_count).
   `window_number` is an expression over the day's `date` and the account's `last_date`. #}
{% macro follow_changes(window_number) -%}
changes as (
    select
        readings.*,
        lag(date) over account_days as previous_date,
        follower_count - lag(follower_count) over account_days as follower_change,
        following_count - lag(following_count) over account_days as following_change
    from readings
    window account_days as (partition by account_key order by date)
),

ends as (
    select account_key, max(date) as last_date
    from readings
    group by account_key
),

purge_days as (
    select platform, date as purge_date from {{ ref('int_follow_purge_days') }}
),

calendar_days as (
    select platform, date, cast(null as date) as purge_date from readings
    union
    select platform, purge_date as date, purge_date from purge_days
),

last_purges as (
    select
        platform,
        date,
        max(max(purge_date)) over (partition by platform order by date rows unbounded preceding) as purge_date
    from calendar_days
    group by platform, date
),

-- The last event up to the day lies between the two readings, or none does.
marked as (
    select
        changes.*,
        coalesce(last_purges.purge_date > changes.previous_date, false) as is_platform_event,
        ends.last_date
    from changes
    inner join ends on changes.account_key = ends.account_key
    inner join last_purges on changes.platform = last_purges.platform and changes.date = last_purges.date
)

select
    account_key,
    date,
    {{ window_number }} as window_number,
    follower_count,
    following_count,
    {{ days_between('previous_date', 'date') }} as day_count,
    case when not is_platform_event then follower_change end as follower_change,
    case when not is_platform_event then following_change end as following_change,
    is_platform_event
from marked
{%- endmacro %}

{# The legs of the days in a relation like int_follow_days. #}
{% macro follow_legs(days) -%}
with

medians as (
    select account_key, window_number, median(following_count) as median_following_count
    from {{ days }}
    group by account_key, window_number
),

directions as (
    select
        days.*,
        medians.median_following_count,
        case
            when
                abs(days.following_change) >= greatest(
                    {{ threshold('churn_flat_follows_from') }},
                    {{ threshold('churn_flat_share') }} * medians.median_following_count
                )
                then sign(days.following_change)
        end as direction
    from {{ days }} as days
    inner join medians on days.account_key = medians.account_key and days.window_number = medians.window_number
),

-- A flat day continues the direction before it; the days before the first direction belong to no leg.
carried as (
    select
        account_key,
        window_number,
        date,
        day_count,
        following_change,
        follower_change,
        median_following_count,
        -- Followers since the start of the window, without what a platform event explains.
        sum(follower_change) over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as follower_level,
        {{ last_known('direction') }} over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as direction
    from directions
),

turns as (
    select
        carried.*,
        coalesce(
            direction <> lag(direction) over (partition by account_key, window_number order by date), true
        ) as is_turn
    from carried
    where direction is not null
),

numbered as (
    select
        turns.*,
        count(*) filter (where is_turn) over (
            partition by account_key, window_number order by date rows unbounded preceding
        ) as leg_number
    from turns
),

legs as (
    select
        account_key,
        window_number,
        leg_number,
        any_value(direction) as direction,
        any_value(median_following_count) as median_following_count,
        min(date) as start_date,
        max(date) as end_date,
        sum(day_count)::bigint as day_count,
        sum(following_change)::bigint as following_change,
        sum(follower_change)::bigint as follower_change,
        max(follower_level)::bigint as highest_follower_level,
        max_by(follower_level, date)::bigint as last_follower_level
    from numbered
    group by account_key, window_number, leg_number
),

sized as (
    select
        legs.*,
        direction * following_change >= greatest(
            {{ threshold('churn_leg_follows_from') }},
            {{ threshold('churn_leg_share') }} * median_following_count
        ) as is_large
    from legs
)

select
    account_key,
    window_number,
    leg_number,
    direction = 1 as is_up,
    start_date,
    end_date,
    day_count,
    following_change,
    follower_change,
    is_large,
    -- Legs take turns, so the leg before a leg down goes up.
    direction = -1 and is_large and lag(is_large) over account_legs is true as is_cycle_end,
    lag(start_date) over account_legs as previous_start_date,
    -- The follows of the leg before and the wait after them.
    {{ days_between('lag(start_date) over account_legs', 'start_date') }} as previous_leg_days,
    -- From the peak since the leg down before: followers may leave long before they are dropped.
    greatest(
        highest_follower_level,
        lag(highest_follower_level) over account_legs,
        lag(highest_follower_level, 2) over account_legs
    ) - last_follower_level as follower_fall
from sized
window account_legs as (partition by account_key, window_number order by leg_number)
{%- endmacro %}

{# The rows of a model of the last window and of its twin of the settled ones. #}
{% macro all_windows(model) -%}
    (select * from {{ ref(model) }} union all select * from {{ ref(model ~ '_settled') }}) as all_windows
{%- endmacro %}
