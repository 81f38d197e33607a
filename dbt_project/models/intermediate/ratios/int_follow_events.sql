with

windows as (
    select
        account_key,
        coalesce(bool_or(is_spam_and_cull), false) as is_churner,
        coalesce(bool_or(churn_class = 'possible'), false) as is_possible,
        min_by(first_cycle_start_date, window_start_date) filter (where cycle_count > 0) as start_date,
        min_by(first_cycle_end_date, window_start_date) filter (where cycle_count > 0) as end_date
    from {{ ref('int_follow_windows') }}
    where window_number <> 1
    group by account_key
)

select
    windows.account_key,
    styles.size_tier,
    windows.is_churner,
    windows.is_possible and not windows.is_churner as is_possible,
    case when windows.is_churner then cast(date_trunc('week', windows.start_date) as date) end as start_week,
    case when windows.is_churner then cast(date_trunc('week', windows.end_date) as date) end as end_week
from windows
inner join {{ ref('int_ratio_styles') }} as styles on windows.account_key = styles.account_key
order by windows.account_key
