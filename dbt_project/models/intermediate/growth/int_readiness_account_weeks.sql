with

readings as (
    select max(date) as as_of_date
    from {{ ref('int_account_snapshots_daily') }}
),

weeks as (
    select
        panel.account_key,
        panel.week_start_date,
        panel.follower_count_end is not null as is_read,
        coalesce(panel.exclusion_reason, 'too_few_weeks') in ('too_few_weeks', 'purge_week') as is_complete,
        panel.exclusion_reason,
        readings.as_of_date,
        -- The pace is that of the last weeks: who began to read weekly should not wait for a slow past.
        {{ days_between('panel.week_start_date', 'readings.as_of_date') }}
        <= 7 * cast({{ threshold('growth_window_weeks') }} as integer) as is_recent,
        -- Of weeks that can be complete by now, as many.
        {{ days_between('panel.week_start_date', 'settled.last_settled_week_date') }}
        < 7 * cast({{ threshold('growth_window_weeks') }} as integer) as is_recently_settled
    from {{ ref('int_account_week_panel') }} as panel
    cross join readings
    cross join {{ ref('int_settled_weeks') }} as settled
    where panel.exclusion_reason is distinct from 'bridged_account'
),

accounts as (
    select
        account_key,
        as_of_date,
        count(*) filter (where is_read) as read_week_count,
        count(*) filter (where is_complete) as complete_week_count,
        min(week_start_date) filter (where is_read) as first_read_date,
        min(week_start_date) filter (where is_complete) as first_complete_date,
        count(*) filter (where is_read and is_recent) as recent_read_week_count,
        count(*) filter (where is_complete and is_recently_settled) as recent_complete_week_count,
        count(*) filter (where is_read and exclusion_reason = 'too_few_followers') as small_week_count,
        count(*) filter (where is_read and exclusion_reason = 'spam_and_cull') as cull_week_count,
        count(*) filter (where is_read and exclusion_reason = 'posts_not_covered') as uncovered_week_count,
        count(*) filter (where is_read and exclusion_reason = 'no_quality_measure') as unmeasured_week_count
    from weeks
    group by account_key, as_of_date
),

-- A first complete week needs the growth of the week before, and the reactions of its own posts after it.
paced as (
    select
        accounts.*,
        case
            when complete_week_count > 0 then greatest(0, {{ threshold('panel_weeks_from') }} - complete_week_count)
            else
                {{ threshold('panel_weeks_from') }} + {{ threshold('panel_lag_weeks') }}
                - least(read_week_count, {{ threshold('panel_lag_weeks') }})
        end as left_week_count,
        case
            when complete_week_count > 0
                then {{ divide(
                    'recent_complete_week_count',
                    "least(" ~ threshold('growth_window_weeks') ~ ", greatest(recent_complete_week_count, floor(("
                    ~ days_between('first_complete_date', 'as_of_date') ~ " - 9) / 7.0)))"
                ) }}
            else {{ divide(
                'recent_read_week_count',
                "least(" ~ threshold('growth_window_weeks') ~ ", greatest(recent_read_week_count, floor("
                ~ days_between('first_read_date', 'as_of_date') ~ " / 7.0)))"
            ) }}
        end as pace
    from accounts
),

judged as (
    select
        paced.*,
        case
            when complete_week_count > 0 or read_week_count <= 2 * {{ threshold('panel_lag_weeks') }} then null
            when cull_week_count > 0.5 * read_week_count then 'spam_and_cull'
            when small_week_count > 0.5 * read_week_count then 'too_few_followers'
            when uncovered_week_count > 0.5 * read_week_count then 'posts_not_covered'
            when unmeasured_week_count > 0.5 * read_week_count then 'no_quality_measure'
            else 'readings_too_far_apart'
        end as obstacle
    from paced
)

select
    account_key,
    as_of_date,
    read_week_count,
    complete_week_count,
    cast(left_week_count as bigint) as left_week_count,
    pace,
    obstacle,
    -- With an obstacle in the way no pace leads to an answer.
    case
        when obstacle is null
            then cast(ceil(round({{ divide('left_week_count', 'nullif(pace, 0)') }}, 6)) as bigint)
    end as calendar_week_count
from judged
