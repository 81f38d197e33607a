select
    run_id,
    source,
    subject,
    problem,
    detail,
    next_step,
    captured_at
from {{ ref('stg_issues') }}
union all
select
    run_id,
    source,
    subject,
    problem,
    detail,
    next_step,
    captured_at
from {{ ref('int_identity_issues') }}
