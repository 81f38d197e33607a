-- Source x account x quantity x gap: days between two runs of covered days. `anything` is what no quantity covers.
with

periods as (
    select * from {{ ref('int_source_periods') }}
),

anything as (
    {{ joined_periods('periods', ['source', 'account_key']) }}
),

all_periods as (
    select source, account_key, quantity, start_date, end_date from periods
    union all
    select source, account_key, 'anything' as quantity, start_date, end_date from anything
),

runs as (
    select
        source,
        account_key,
        quantity,
        start_date,
        lag(end_date) over (partition by source, account_key, quantity order by start_date) as previous_date
    from all_periods
)

select
    source,
    account_key,
    quantity,
    previous_date + 1 as gap_start_date,
    start_date - 1 as gap_end_date,
    {{ days_between('previous_date', 'start_date') }} - 1 as gap_day_count
from runs
where previous_date is not null
