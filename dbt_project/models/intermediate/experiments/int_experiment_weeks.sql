with

plans as (
    select * from {{ ref('int_experiment_plans') }}
),

weeks as (
    select
        experiment_id,
        {{ each_day('start_date', 'end_date', step=7) }} as week_start_date
    from plans
),

numbered as (
    select
        plans.*,
        weeks.week_start_date,
        cast({{ days_between('plans.start_date', 'weeks.week_start_date') }} / 7 as integer) + 1 as week_number
    from plans
    inner join weeks on plans.experiment_id = weeks.experiment_id
),

days as (
    select account_key, date, new_follow_count, net_follow_count, follower_change
    from {{ ref('account_days') }}
    where account_key in (select plans.account_key from plans)
),

counted as (
    select
        numbered.experiment_id,
        numbered.week_start_date,
        case numbered.outcome
            when 'new_follows' then days.new_follow_count
            when 'net_follows' then days.net_follow_count
            else days.follower_change
        end as follow_count
    from numbered
    inner join days
        on
            numbered.account_key = days.account_key
            and days.date between numbered.week_start_date + cast(numbered.washout_day_count as integer)
            and numbered.week_start_date + 6
),

rates as (
    select
        experiment_id,
        week_start_date,
        count(follow_count) as day_count,
        case when count(follow_count) >= {{ threshold('experiment_days_from') }} then 7 * avg(follow_count) end
            as weekly_count
    from counted
    group by experiment_id, week_start_date
),

posts as (
    select
        numbered.experiment_id,
        numbered.week_start_date,
        count(*) as original_post_count,
        count(*) filter (where posts.has_link) as link_post_count
    from numbered
    inner join {{ ref('posts') }} as posts
        on
            numbered.account_key = posts.account_key
            and cast(posts.created_at as date) between numbered.week_start_date and numbered.week_start_date + 6
    where posts.post_kind in ('original', 'quote')
    group by numbered.experiment_id, numbered.week_start_date
),

covered as (
    select distinct numbered.experiment_id, numbered.week_start_date
    from numbered
    inner join {{ ref('int_post_periods_covered') }} as periods
        on
            numbered.account_key = periods.account_key
            and numbered.week_start_date >= periods.start_date
            and numbered.week_start_date + 6 <= periods.end_date
),

last_days as (
    select account_key, max(date) as last_date
    from days
    group by account_key
)

select
    numbered.experiment_id,
    numbered.account_key,
    numbered.week_number,
    cast(floor((numbered.week_number + 1) / 2) as integer) as pair_number,
    numbered.week_start_date,
    numbered.week_start_date + 6 as week_end_date,
    {{ list_element('numbered.week_arms', 'numbered.week_number') }} as arm,
    numbered.factor,
    numbered.arm_a,
    numbered.arm_b,
    numbered.outcome,
    numbered.stopped_at is not null as is_stopped,
    coalesce(last_days.last_date > numbered.week_start_date + 6, false)
    and coalesce(cast(numbered.stopped_at as date) > numbered.week_start_date + 6, true) as is_over,
    {{ zero_if_no_row('rates.experiment_id', 'rates.day_count') }} as day_count,
    cast(rates.weekly_count as double) as weekly_count,
    case
        when covered.experiment_id is not null
            then {{ zero_if_no_row('posts.experiment_id', 'posts.original_post_count') }}
    end as original_post_count,
    case
        when covered.experiment_id is not null then {{ zero_if_no_row('posts.experiment_id', 'posts.link_post_count') }}
    end as link_post_count
from numbered
left join rates
    on numbered.experiment_id = rates.experiment_id and numbered.week_start_date = rates.week_start_date
left join posts
    on numbered.experiment_id = posts.experiment_id and numbered.week_start_date = posts.week_start_date
left join covered
    on numbered.experiment_id = covered.experiment_id and numbered.week_start_date = covered.week_start_date
left join last_days on numbered.account_key = last_days.account_key
