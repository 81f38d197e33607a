select
    run_id,
    source,
    subject,
    problem,
    detail,
    next_step,
    captured_at,
    -- Equal problems of one file share one row, whose payload begins with the lines.
    coalesce(
        cast(nullif(regexp_extract(payload, '^[{]"line_count": ([0-9]+), "lines": ', 1), '') as bigint), 1
    ) as line_count
from {{ ref('stg_issues') }}
union all
select
    run_id,
    source,
    subject,
    problem,
    detail,
    next_step,
    captured_at,
    line_count
from {{ ref('int_identity_issues') }}
