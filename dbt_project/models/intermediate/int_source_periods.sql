-- Source x account x run of days that the source covers.
with

reported as (
    {{ with_account_key('stg_account_daily') }}
),

periods as (
    select source, account_key, start_date, end_date from {{ ref('int_account_snapshot_periods') }}
    union all
    select source, account_key, start_date, end_date from {{ ref('int_post_periods_covered') }}
    union all
    select source, account_key, date as start_date, date as end_date from reported
)

{{ joined_periods('periods', ['source', 'account_key']) }}
