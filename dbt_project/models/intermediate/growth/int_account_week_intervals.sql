with

ends as (
    select * from {{ ref('int_account_week_ends') }}
),

-- A week that a reading begins and none ends is a row as well: its posts are those after the reading.
intervals as (
    select
        ends.account_key,
        ends.week_start_date,
        starts.follower_count_at as reading_start_at,
        ends.follower_count_at as reading_end_at,
        starts.follower_count as follower_count_start,
        ends.follower_count as follower_count_end,
        starts.following_count as following_count_start,
        ends.following_count as following_count_end,
        {{ days_apart('starts.follower_count_at', 'ends.follower_count_at') }} as day_count,
        {{ days_apart('starts.following_count_at', 'ends.following_count_at') }} as following_day_count
    from ends
    left join ends as starts
        on ends.account_key = starts.account_key and ends.week_start_date = starts.week_start_date + 7
    union all
    select
        starts.account_key,
        starts.week_start_date + 7 as week_start_date,
        starts.follower_count_at as reading_start_at,
        null as reading_end_at,
        starts.follower_count as follower_count_start,
        null as follower_count_end,
        starts.following_count as following_count_start,
        null as following_count_end,
        null as day_count,
        null as following_day_count
    from ends as starts
    left join ends on starts.account_key = ends.account_key and starts.week_start_date + 7 = ends.week_start_date
    where ends.account_key is null
),

-- Two readings that are too close or too far apart make no week.
judged as (
    select
        intervals.*,
        day_count between {{ threshold('week_days_from') }} and {{ threshold('week_days_to') }} as is_week,
        following_day_count between {{ threshold('week_days_from') }} and {{ threshold('week_days_to') }}
            as is_following_week
    from intervals
)

select
    account_key,
    week_start_date,
    reading_start_at,
    reading_end_at,
    round(day_count, 9) as day_count,
    is_week,
    follower_count_start,
    follower_count_end,
    following_count_start,
    following_count_end,
    case
        when is_week
            then round(
                ln({{ divide('nullif(follower_count_end, 0)', 'follower_count_start') }})
                * {{ divide(7, 'day_count') }},
                12
            )
    end as growth_rate,
    case when is_following_week then following_count_end - following_count_start end as following_change,
    case
        when is_following_week
            then round(
                ln({{ divide('1 + following_count_end', '1 + following_count_start') }})
                * {{ divide(7, 'following_day_count') }},
                12
            )
    end as log_following_change
from judged
