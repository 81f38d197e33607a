with

-- A day has one reading, its last.
days as (
    select
        account_key,
        date,
        {{ iso_week('date') }} as monday_date,
        follower_count,
        follower_count_at,
        following_count,
        following_count_at
    from {{ ref('int_account_snapshots_daily') }}
    where follower_count is not null or following_count is not null
),

-- Monday to Wednesday are nearer to the end before them, Friday to Sunday to the one after; Thursday is in the middle.
placed as (
    select
        days.*,
        date < monday_date + 3 as is_after_end,
        date > monday_date + 3 as is_before_end,
        date = monday_date + 3 as is_thursday,
        case when date < monday_date + 3 then monday_date - 7 else monday_date end as week_start_date
    from days
),

-- The last reading before each end and the first after it, by quantity. Days and times are compared, never distances:
-- those cost eight times as much on eight years of 10,000 accounts.
sides as (
    select
        account_key,
        week_start_date,
        {%- for name in ['follower_count', 'following_count'] %}
        max_by({{ name }}, date) filter (where is_before_end and {{ name }} is not null) as {{ name }}_before,
        max({{ name }}_at) filter (where is_before_end and {{ name }} is not null) as {{ name }}_before_at,
        min_by({{ name }}, date) filter (where is_after_end and {{ name }} is not null) as {{ name }}_after,
        min({{ name }}_at) filter (where is_after_end and {{ name }} is not null) as {{ name }}_after_at,
        max({{ name }}) filter (where is_thursday) as thursday_{{ name }},
        max({{ name }}_at) filter (where is_thursday) as thursday_{{ name }}_at{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    group by account_key, week_start_date
),

-- Of two equally near, the earlier is used as the end.
weeks as (
    select
        account_key,
        week_start_date,
        {%- for name in ['follower_count', 'following_count'] %}
        case when {{ is_nearer_before(name) }} then {{ name }}_before else {{ name }}_after end as {{ name }},
        case when {{ is_nearer_before(name) }} then {{ name }}_before_at else {{ name }}_after_at end as {{ name }}_at,
        {%- endfor %}
        thursday_follower_count,
        thursday_follower_count_at,
        thursday_following_count,
        thursday_following_count_at
    from sides
),

-- A run of Thursdays has no other reading between them, so all of them must count for the same side: with the hour of
-- each to decide, a reader at noon would fill some weeks twice and others never.
neighbours as (
    select
        weeks.*,
        follower_count is not null as is_end_read,
        coalesce(lag(week_start_date) over by_week = week_start_date - 7, false) as has_week_before,
        lag(follower_count) over by_week is not null as was_end_read,
        lag(thursday_follower_count) over by_week is not null as was_thursday_read
    from weeks
    window by_week as (partition by account_key order by week_start_date)
),

thursdays as (
    select
        neighbours.*,
        has_week_before and was_end_read as is_end_before_read,
        count(*) filter (where not (has_week_before and was_thursday_read and not was_end_read)) over (
            partition by account_key order by week_start_date rows unbounded preceding
        ) as run_number
    from neighbours
    where thursday_follower_count is not null and not (is_end_read and has_week_before and was_end_read)
),

-- The free side; where both ends of the run are free, or neither is, the one nearer to its first reading.
sided as (
    select
        thursdays.*,
        case
            when bool_or(is_end_read) over by_run = bool_or(is_end_before_read) over by_run
                then
                    first_value(thursday_follower_count_at) over by_run
                    <= {{ midnight('first_value(week_start_date) over by_run + 3') }} + interval 12 hours
            else bool_or(is_end_read) over by_run
        end as stands_for_end_before
    from thursdays
    window by_run as (
        partition by account_key, run_number order by week_start_date
        rows between unbounded preceding and unbounded following
    )
)

select account_key, week_start_date, follower_count, follower_count_at, following_count, following_count_at
from weeks
where follower_count is not null
union all
select
    account_key,
    case when stands_for_end_before then week_start_date - 7 else week_start_date end as week_start_date,
    thursday_follower_count as follower_count,
    thursday_follower_count_at as follower_count_at,
    thursday_following_count as following_count,
    thursday_following_count_at as following_count_at
from sided
where not case when stands_for_end_before then is_end_before_read else is_end_read end
