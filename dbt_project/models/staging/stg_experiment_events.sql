-- What was registered, noted and stopped, in the order in which it arrived.
select
    -- identity
    platform,
    account_id,
    handle,
    experiment_id,
    event,

    -- plan
    factor,
    arm_a,
    arm_b,
    outcome,
    start_date,
    week_arms,
    washout_day_count,
    wanted_effect,
    seed,

    -- notes
    note,
    noted_date,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'experiment_events') }}
