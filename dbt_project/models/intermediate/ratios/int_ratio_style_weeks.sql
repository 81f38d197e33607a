with

levels as (
    select account_key, week_start_date, follower_count, following_count
    from {{ ref('int_account_week_levels') }}
    where follower_count is not null and following_count is not null
),

styles as (
    select
        account_key,
        week_start_date,
        {{ divide('follower_count', 'following_count') }} as followers_per_following,
        {{ ratio_style('follower_count', 'following_count') }} as ratio_style
    from levels
),

-- Weeks without a reading neither break a run nor count in it.
changes as (
    select
        styles.*,
        coalesce(
            ratio_style <> lag(ratio_style) over (partition by account_key order by week_start_date), true
        ) as is_new_run
    from styles
),

runs as (
    select
        changes.*,
        count(*) filter (where is_new_run) over (
            partition by account_key order by week_start_date rows unbounded preceding
        ) as run_number
    from changes
),

counted as (
    select
        runs.*,
        row_number() over (partition by account_key, run_number order by week_start_date) as run_week_count,
        min(week_start_date) over (partition by account_key, run_number) as run_start_date
    from runs
)

select
    account_key,
    week_start_date,
    followers_per_following,
    ratio_style,
    run_start_date,
    run_week_count,
    {{ last_known('case when run_week_count >= ' ~ threshold('style_weeks_to_confirm') ~ ' then ratio_style end') }}
        over (partition by account_key order by week_start_date rows unbounded preceding)
        as confirmed_ratio_style
from counted
