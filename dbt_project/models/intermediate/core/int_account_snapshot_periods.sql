with

arrived as (
    {{ with_account_key('stg_account_snapshots_new') }}
),

readings as (
    select source, account_key, 'profile' as quantity, captured_date
    from arrived
    -- A server that did not say what it knows of an account was asked, and its profile was not read.
    where status is distinct from 'unknown' or follower_count is not null
    union all
    -- An account that shows no counts because it is suspended or gone was read; one whose count is missing was not.
    select source, account_key, 'follower_count' as quantity, captured_date
    from arrived
    where follower_count is not null or status not in ('active', 'protected', 'unknown')
),

days as (
    select distinct
        source,
        account_key,
        quantity,
        captured_date as start_date,
        captured_date as end_date
    from readings
    {%- if is_incremental_run() %}
    union all
    select source, account_key, quantity, start_date, end_date from {{ this }}
    {%- endif %}
)

{{ joined_periods('days', ['source', 'account_key', 'quantity']) }}
