with

events as (
    {{ with_account_key('stg_experiment_events') }}
),

plans as (
    select
        *,
        lag(start_date) over (partition by experiment_id order by lake_sequence) as start_date_before,
        row_number() over (partition by experiment_id order by lake_sequence desc) as newest_first,
        count(*) over (partition by experiment_id) as plan_count
    from events
    where event = 'planned'
),

-- A plan that was registered when it, or the one that it replaces, had begun could have been made to fit.
changes as (
    select
        experiment_id,
        max(
            case when coalesce(least(start_date_before, start_date), start_date) <= cast(captured_at as date) then 1 end
        ) is not null as is_changed_after_start
    from plans
    group by experiment_id
),

stops as (
    select experiment_id, min(captured_at) as stopped_at, min_by(note, lake_sequence) as stop_reason
    from events
    where event = 'stopped'
    group by experiment_id
)

select
    plans.experiment_id,
    plans.account_key,
    plans.platform,
    plans.factor,
    plans.arm_a,
    plans.arm_b,
    plans.outcome,
    plans.start_date,
    plans.start_date + cast(7 * {{ list_length('plans.week_arms') }} - 1 as integer) as end_date,
    plans.week_arms,
    plans.washout_day_count,
    plans.wanted_effect,
    plans.seed,
    plans.note as change_reason,
    plans.captured_at as registered_at,
    plans.plan_count,
    changes.is_changed_after_start,
    stops.stopped_at,
    stops.stop_reason
from plans
inner join changes on plans.experiment_id = changes.experiment_id
left join stops on plans.experiment_id = stops.experiment_id
where plans.newest_first = 1
