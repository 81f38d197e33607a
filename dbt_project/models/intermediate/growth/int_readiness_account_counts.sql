with

readings as (
    select max(date) as as_of_date
    from {{ ref('int_account_snapshots_daily') }}
),

styles as (
    select
        count(*) as account_count,
        coalesce((
            select bool_or(is_multimodal)
            from {{ ref('ratio_distribution_tests') }}
            where segment_dimension = 'all' and test = 'antimode'
        ), false) as is_found
    from {{ ref('int_ratio_populations') }}
    where segment_dimension = 'all'
),

churn as (
    select
        count(*) as account_count,
        count(*) filter (where status = 'ok') as judged_count,
        max({{ days_between('window_start_date', 'window_end_date') }}) as day_count
    from {{ ref('follow_churn') }}
),

newcomers as (
    select
        account_key,
        {{ days_between('created_date', 'last_watched_date') }} as watched_day_count
    from {{ ref('int_retention_accounts') }}
    where exclusion_reason is null
),

-- The account that fills the smallest set decides; with fewer accounts the last one counts.
newcomers_ranked as (
    select
        watched_day_count,
        row_number() over (order by watched_day_count desc, account_key asc) as place,
        count(*) over () as account_count
    from newcomers
),

retention as (
    select
        max(account_count) as account_count,
        max(watched_day_count) filter (
            where place = least(account_count, cast({{ threshold('retention_accounts_from') }} as bigint))
        ) as day_count
    from newcomers_ranked
),

needed as (
    select
        cast({{ threshold('churn_days_from') }} as bigint) as churn_day_count,
        cast({{ threshold('silence_days') }} as bigint) + 7 as quit_day_count
)

select
    'ratio_styles' as question,
    readings.as_of_date,
    styles.account_count,
    cast({{ threshold('style_gap_accounts_from') }} as bigint) as needed_account_count,
    case when styles.account_count > 0 then 7 end as day_count,
    7 as needed_day_count,
    styles.is_found or styles.account_count >= {{ threshold('style_gap_accounts_from') }} as is_answered,
    styles.account_count as base_count
from styles
cross join readings
union all
select
    'spam_and_cull' as question,
    readings.as_of_date,
    churn.account_count,
    1 as needed_account_count,
    churn.day_count,
    needed.churn_day_count as needed_day_count,
    churn.judged_count > 0 as is_answered,
    null as base_count
from churn
cross join readings
cross join needed
union all
select
    'retention' as question,
    readings.as_of_date,
    {{ zero_if_no_row('retention.account_count', 'retention.account_count') }} as account_count,
    cast({{ threshold('retention_accounts_from') }} as bigint) as needed_account_count,
    retention.day_count,
    needed.quit_day_count as needed_day_count,
    coalesce(
        retention.account_count >= {{ threshold('retention_accounts_from') }}
        and retention.day_count >= needed.quit_day_count,
        false
    ) as is_answered,
    retention.account_count as base_count
from retention
cross join readings
cross join needed
