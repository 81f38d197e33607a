with

ends as (
    select max(date) as read_until_date
    from {{ ref('int_account_snapshots_daily') }}
    union all
    select max(end_date) as read_until_date
    from {{ ref('int_post_periods_covered') }}
)

-- The last post of a week is read seven days later, or up to two days after that; the day of the last reading may still
-- bring more.
select {{ iso_week('max(read_until_date) - 16') }} as last_settled_week_date
from ends
