-- Source x account x gap: runs of days between two covered days that the source does not cover.
with

days as (
    select
        source,
        account_key,
        date,
        lag(date) over (partition by source, account_key order by date) as previous_date
    from {{ ref('int_source_days') }}
)

select
    source,
    account_key,
    previous_date + 1 as gap_start_date,
    date - 1 as gap_end_date,
    {{ days_between('previous_date', 'date') }} - 1 as gap_day_count,
    row_number() over (
        partition by source, account_key order by {{ days_between('previous_date', 'date') }} desc, date
    ) as size_rank
from days
where {{ days_between('previous_date', 'date') }} > 1
