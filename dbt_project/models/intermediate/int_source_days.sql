-- Source x account x day that the source covers.
with

snapshots as (
    {{ with_account_key('stg_account_snapshots') }}
),

reported as (
    {{ with_account_key('stg_account_daily') }}
),

days as (
    select source, account_key, captured_date as date from snapshots
    union
    select source, account_key, date from reported
    union
    select source, account_key, date from {{ ref('int_post_days_covered') }}
)

select source, account_key, date
from days
