with

readings as (
    select account_key, platform, date, follower_count, following_count
    from {{ ref('int_account_days_settled') }}
),

{{ follow_changes(
    window_number='1 + cast(floor('
    ~ divide(days_between('date', 'last_date'), threshold('churn_window_days')) ~ ') as integer)'
) }}
