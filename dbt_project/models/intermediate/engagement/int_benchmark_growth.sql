-- Account: median growth of followers per seven days over the last weeks that readings begin and end.
with

weeks as (
    select account_key, week_start_date, growth_rate
    from {{ ref('int_account_week_intervals') }}
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
),

ends as (
    select account_key, max(week_start_date) as last_week_start_date
    from {{ ref('int_account_week_ends') }}
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
