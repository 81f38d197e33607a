-- Source x account x gap: days between two runs of covered days.
with

runs as (
    select
        source,
        account_key,
        start_date,
        lag(end_date) over (partition by source, account_key order by start_date) as previous_date
    from {{ ref('int_source_periods') }}
)

select
    source,
    account_key,
    previous_date + 1 as gap_start_date,
    start_date - 1 as gap_end_date,
    {{ days_between('previous_date', 'start_date') }} - 1 as gap_day_count,
    row_number() over (
        partition by source, account_key order by {{ days_between('previous_date', 'start_date') }} desc, start_date
    ) as size_rank
from runs
where previous_date is not null
