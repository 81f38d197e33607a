select
    segment_dimension,
    segment,
    day,
    at_risk_count,
    quit_count,
    survival_share,
    conf_low,
    conf_high,
    account_count,
    case
        when account_count >= {{ threshold('retention_accounts_from') }} then 'ok' else 'insufficient_data'
    end as status,
    case
        when account_count < {{ threshold('retention_accounts_from') }}
            then account_count || ' accounts that posted, watched since their first week and for '
            || cast({{ threshold('silence_days') }} as integer) || ' days after their first post; '
            || cast({{ threshold('retention_accounts_from') }} as integer) || ' are needed'
    end as status_reason
from {{ ref('int_retention_estimates') }}
where silence_days = {{ threshold('silence_days') }}
