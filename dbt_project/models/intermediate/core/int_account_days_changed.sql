-- Account x UTC day with new snapshots, at its first and its last moment; empty in a full build.
with

arrived as (
    {{ with_account_key('stg_account_snapshots_new') }}
    where {{ 'true' if is_incremental_run() else 'false' }}
),

days as (
    select distinct
        account_key,
        captured_date as date
    from arrived
)

select account_key, date, cast(date as {{ type_utc_time() }}) as captured_at
from days
union all
select account_key, date, cast(date + interval 1 day as {{ type_utc_time() }}) as captured_at
from days
