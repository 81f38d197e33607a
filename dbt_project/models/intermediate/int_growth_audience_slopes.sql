-- Measure of quality: how much of it goes with the size of the audience, within accounts and weeks.
with

cells as (
    select
        quality.account_key,
        quality.week_start_date,
        quality.quality_basis,
        quality.log_quality,
        ln(levels.follower_count) as value
    from {{ ref('int_account_week_quality') }} as quality
    -- The audience is the one before the week: followers that the posts themselves brought must not explain them.
    inner join {{ ref('int_account_week_levels') }} as levels
        on quality.account_key = levels.account_key and quality.week_start_date - 7 = levels.week_start_date
    where
        levels.is_week_end_level
        and levels.follower_count >= {{ threshold('panel_followers_from') }}
        and quality.log_quality is not null
),

{{ demean_two_way('cells', 12) }}

slopes as (
    select
        cells.quality_basis,
        count(distinct cells.account_key) as account_count,
        {{ divide(precise_sum('pass_12.value * cells.log_quality'), precise_sum('pass_12.value * cells.value')) }}
            as slope
    from cells
    inner join pass_12
        on cells.account_key = pass_12.account_key and cells.week_start_date = pass_12.week_start_date
    group by cells.quality_basis
)

select
    quality_basis,
    account_count,
    -- Too few accounts cannot tell audience from time: their quality stays as measured.
    case
        when account_count >= {{ threshold('panel_accounts_from') }} then coalesce(round(slope, 6), 0.0)
        else 0.0
    end as audience_slope
from slopes
