-- Account: median weekly growth of followers over the last weeks in which it was read at both ends.
with

weeks as (
    select
        levels.account_key,
        levels.week_start_date,
        ln({{ divide('nullif(levels.follower_count, 0)', 'previous.follower_count') }}) as growth_rate
    from {{ ref('int_account_week_levels') }} as levels
    inner join {{ ref('int_account_week_levels') }} as previous
        on levels.account_key = previous.account_key and levels.week_start_date - 7 = previous.week_start_date
    where
        levels.is_week_end_level
        and previous.is_week_end_level
        and previous.follower_count >= {{ threshold('panel_followers_from') }}
),

ends as (
    select account_key, max(week_start_date) as last_week_start_date
    from {{ ref('int_account_week_levels') }}
    group by account_key
)

select
    weeks.account_key,
    median(weeks.growth_rate) as weekly_growth_rate,
    count(weeks.growth_rate) as week_count,
    {{ median_limit(sorted_list('weeks.growth_rate'), 'low') }} as growth_rate_low,
    {{ median_limit(sorted_list('weeks.growth_rate'), 'high') }} as growth_rate_high
from weeks
inner join ends on weeks.account_key = ends.account_key
where weeks.week_start_date > ends.last_week_start_date - 7 * cast({{ threshold('growth_window_weeks') }} as integer)
group by weeks.account_key
