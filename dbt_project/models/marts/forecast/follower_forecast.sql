with

estimates as (
    select * from {{ ref('int_forecast_estimates') }}
),

accounts as (
    select account_key, is_own from {{ ref('accounts') }}
)

select
    estimates.account_key,
    estimates.scenario,
    accounts.is_own,
    estimates.basis,
    estimates.as_of_date,
    estimates.follower_count,
    estimates.forecast_date,
    estimates.change_per_week,
    estimates.expected_change,
    estimates.change_low,
    estimates.change_high,
    estimates.expected_follower_count,
    estimates.follower_count_low,
    estimates.follower_count_high,
    estimates.backtest_count,
    estimates.backtest_covered_count,
    round({{ divide('estimates.backtest_covered_count', 'estimates.backtest_count') }}, 12) as backtest_coverage,
    estimates.all_backtest_count,
    estimates.all_backtest_account_count,
    estimates.all_backtest_coverage,
    estimates.all_coverage_low,
    estimates.all_coverage_high,
    estimates.week_count,
    estimates.needed_week_count,
    estimates.expected_answer_date,
    estimates.status,
    estimates.status_reason
from estimates
inner join accounts on estimates.account_key = accounts.account_key
