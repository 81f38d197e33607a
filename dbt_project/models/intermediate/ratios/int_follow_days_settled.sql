with

readings as (
    select account_key, platform, date, follower_count, following_count
    from {{ ref('int_account_days_settled') }}
),

{{ follow_changes() }}

select
    account_key,
    date,
    1 + cast(
        floor({{ divide(days_between('date', 'last_date'), threshold('churn_window_days')) }}) as integer
    ) as window_number,
    follower_count,
    following_count,
    day_count,
    follower_change,
    following_change,
    is_platform_event
from marked
