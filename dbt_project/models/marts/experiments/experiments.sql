with

plans as (
    select * from {{ ref('int_experiment_plans') }}
),

weeks as (
    select
        experiment_id,
        count(*) as week_count,
        count(*) filter (where is_over) as weeks_over_count,
        count(*) filter (where is_kept) as weeks_kept_count,
        count(*) filter (where not is_kept) as weeks_not_kept_count
    from {{ ref('experiment_weeks') }}
    group by experiment_id
)

select
    plans.experiment_id,
    plans.account_key,
    plans.factor,
    plans.arm_a,
    plans.arm_b,
    plans.outcome,
    plans.start_date,
    plans.end_date,
    plans.washout_day_count,
    plans.wanted_effect,
    plans.seed,
    plans.registered_at,
    plans.plan_count,
    plans.is_changed_after_start,
    plans.change_reason,
    plans.stopped_at,
    plans.stop_reason,
    weeks.week_count,
    weeks.weeks_over_count,
    weeks.weeks_kept_count,
    weeks.weeks_not_kept_count,
    estimates.pair_count,
    estimates.mean_a,
    estimates.mean_b,
    estimates.effect,
    estimates.effect_low,
    estimates.effect_high,
    estimates.p_value,
    estimates.status,
    estimates.status_reason
from plans
inner join weeks on plans.experiment_id = weeks.experiment_id
inner join {{ ref('int_experiment_estimates') }} as estimates on plans.experiment_id = estimates.experiment_id
