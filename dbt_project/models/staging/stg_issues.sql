-- Everything that was read and could not be used.
select
    run_id,
    source,
    subject,
    problem,
    detail,
    next_step,
    captured_at,
    payload,
    lake_sequence
from {{ source('raw', 'issues') }}
