-- Source x account x run of days on each of which a snapshot was taken.
{%- set before = as_left_before('intermediate', 'int_account_snapshot_periods') %}
with

arrived as (
    {{ with_account_key('stg_account_snapshots_arrived') }}
),

days as (
    select distinct
        source,
        account_key,
        captured_date as start_date,
        captured_date as end_date
    from arrived
    {%- if before %}
    union all
    select source, account_key, start_date, end_date from {{ before }}
    {%- endif %}
)

{{ joined_periods('days', ['source', 'account_key']) }}
