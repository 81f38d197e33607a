with

months as (
    select * from {{ ref('int_growth_account_months') }}
),

pairs as (
    select
        account_key,
        names.outcome,
        names.driver,
        case names.outcome when 'new_follow_count' then new_follow_count else follower_change end as outcome_value,
        case names.driver when 'post_count' then cast(post_count as double) else mean_like_count end as driver_value
    from months
    cross join (
        values
        ('new_follow_count', 'post_count'),
        ('new_follow_count', 'mean_like_count'),
        ('follower_change', 'post_count'),
        ('follower_change', 'mean_like_count')
    ) as names (outcome, driver)
),

measured as (
    select
        account_key,
        outcome,
        driver,
        count(*) filter (where outcome_value is not null and driver_value is not null) as month_count,
        round(corr(outcome_value, driver_value) filter (where outcome_value is not null), 9) as correlation
    from pairs
    group by account_key, outcome, driver
),

judged as (
    select
        *,
        case
            when month_count < {{ threshold('correlation_months_from') }} then 'insufficient_data'
            when correlation is null or isnan(correlation) then 'not_testable'
            else 'ok'
        end as status
    from measured
),

-- Fisher's transformation; months that resemble their neighbours make the true interval wider.
limits as (
    select
        *,
        case when status = 'ok' then atanh(greatest(least(correlation, 0.999999), -0.999999)) end as angle,
        case when status = 'ok' then {{ divide('1.959963984540054', 'sqrt(month_count - 3)') }} end as half_width
    from judged
)

select
    account_key,
    outcome,
    driver,
    case when status = 'ok' then correlation end as correlation,
    round(tanh(angle - half_width), 9) as conf_low,
    round(tanh(angle + half_width), 9) as conf_high,
    month_count,
    status,
    case status
        when 'insufficient_data'
            then
                month_count || ' months with both figures; a correlation needs '
                || cast({{ threshold('correlation_months_from') }} as bigint)
        when 'not_testable' then 'one of the two is the same in every month'
        else ''
    end as status_reason
from limits
