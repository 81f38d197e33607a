-- Segment: what there is and what is missing for quality against volume, and the smallest effect that can be seen.
with

accounts as (
    select * from {{ ref('int_readiness_account_weeks') }}
    where read_week_count > 0
),

memberships as (
    select account_key, segment_dimension, segment
    from {{ ref('int_growth_account_segments') }}
    union all
    select account_key, 'all' as segment_dimension, 'all' as segment
    from accounts
),

-- The account that completes the smallest set an estimate can be made from decides when the first answer comes.
ranked as (
    select
        memberships.segment_dimension,
        memberships.segment,
        accounts.*,
        row_number() over (
            partition by memberships.segment_dimension, memberships.segment
            order by
                accounts.obstacle is not null asc,
                accounts.calendar_week_count asc nulls last,
                accounts.read_week_count desc,
                accounts.account_key asc
        ) as place,
        count(*) over (partition by memberships.segment_dimension, memberships.segment) as account_count,
        count(accounts.obstacle) over (partition by memberships.segment_dimension, memberships.segment)
            as blocked_account_count
    from memberships
    inner join accounts on memberships.account_key = accounts.account_key
),

deciding as (
    select *
    from ranked
    where place = least(account_count, cast({{ threshold('pooled_accounts_from') }} as bigint))
),

-- What moves growth anyway: the smallest effect that the first answer can show depends on it.
growth as (
    select
        account_key,
        count(growth_rate) as growth_week_count,
        var_samp(growth_rate) as growth_variance
    from {{ ref('int_account_week_panel') }}
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
    group by account_key
    having count(growth_rate) >= 3
),

spreads as (
    select
        memberships.segment_dimension,
        memberships.segment,
        sqrt({{ divide(
            precise_sum('(growth.growth_week_count - 1) * growth.growth_variance'),
            'sum(growth.growth_week_count - 1)'
        ) }}) as growth_spread
    from growth
    inner join memberships on growth.account_key = memberships.account_key
    group by memberships.segment_dimension, memberships.segment
),

estimates as (
    select
        segment_dimension,
        segment,
        status,
        status_reason,
        (standardised_high - standardised_low) / 2
        + {{ threshold('power_quantile') }} * standard_error * within_sd as smallest_effect
    from {{ ref('int_growth_estimates') }}
    where specification = 'same_and_previous_week' and term = 'quality'
),

-- Half widths of a 95 % interval plus 80 % power, in standard errors: t quantiles for few accounts, pooled one by one.
factors as (
    select factors.*
    from (
        values
        (3, 3, 8.5), (4, 4, 5.5), (5, 5, 4.5), (6, 6, 4.1), (7, 7, 3.8), (8, 9, 3.6), (10, 49, 3.1), (50, 1000000, 2.8)
    ) as factors (account_count_from, account_count_to, factor)
)

select
    deciding.segment_dimension,
    deciding.segment,
    deciding.as_of_date,
    deciding.account_count,
    deciding.blocked_account_count,
    deciding.read_week_count,
    deciding.left_week_count,
    deciding.calendar_week_count,
    deciding.pace,
    deciding.obstacle,
    coalesce(estimates.status, 'insufficient_data') as status,
    estimates.status_reason as estimate_reason,
    case
        when estimates.status = 'ok' then estimates.smallest_effect
        else round(
            {{ divide(
                'factors.factor * spreads.growth_spread',
                'sqrt(deciding.account_count * ' ~ threshold('panel_weeks_from') ~ ')'
            ) }},
            9
        )
    end as smallest_effect_visible
from deciding
left join estimates
    on deciding.segment_dimension = estimates.segment_dimension and deciding.segment = estimates.segment
left join spreads on deciding.segment_dimension = spreads.segment_dimension and deciding.segment = spreads.segment
left join factors
    on deciding.account_count between factors.account_count_from and factors.account_count_to
