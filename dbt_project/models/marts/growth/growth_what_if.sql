with

verdicts as (
    select * from {{ ref('int_growth_verdicts') }}
),

panel as (
    select account_key, growth_rate
    from {{ ref('int_account_week_panel') }}
    where is_in_panel
),

memberships as (
    select account_key, segment_dimension, segment
    from {{ ref('int_growth_account_segments') }}
    union all
    select distinct account_key, 'all' as segment_dimension, 'all' as segment
    from panel
),

means as (
    select
        memberships.segment_dimension,
        memberships.segment,
        round({{ precise_mean('panel.growth_rate') }}, 12) as mean_growth_rate
    from panel
    inner join memberships on panel.account_key = memberships.account_key
    group by memberships.segment_dimension, memberships.segment
),

drivers as (
    select
        segment_dimension,
        segment,
        'quality' as driver,
        growth_if_quality_doubled as growth_change,
        growth_if_quality_doubled_low as growth_change_low,
        growth_if_quality_doubled_high as growth_change_high
    from verdicts
    union all
    select
        segment_dimension,
        segment,
        'volume' as driver,
        growth_if_volume_doubled as growth_change,
        growth_if_volume_doubled_low as growth_change_low,
        growth_if_volume_doubled_high as growth_change_high
    from verdicts
)

select
    drivers.segment_dimension,
    drivers.segment,
    drivers.driver,
    means.mean_growth_rate,
    drivers.growth_change,
    drivers.growth_change_low,
    drivers.growth_change_high,
    round(means.mean_growth_rate + drivers.growth_change, 9) as expected_growth_rate,
    round(means.mean_growth_rate + drivers.growth_change_low, 9) as expected_growth_rate_low,
    round(means.mean_growth_rate + drivers.growth_change_high, 9) as expected_growth_rate_high,
    verdicts.account_count,
    verdicts.observation_count,
    case
        when verdicts.verdict = 'insufficient_data'
            then 'The data cannot carry a figure: ' || verdicts.status_reason || '.'
        else
            case
                when verdicts.verdict = 'reverse_causality_not_excluded'
                    then 'It is not excluded that growth comes first, so read no effect from this. '
                else ''
            end
            || case drivers.driver
                when 'quality' then 'With twice the quality per post'
                else 'With twice as many originals (counting one more)'
            end
            || ' weekly growth is ' || printf('%+.2f', 100 * drivers.growth_change) || ' points ('
            || printf('%+.2f', 100 * drivers.growth_change_low) || ' to '
            || printf('%+.2f', 100 * drivers.growth_change_high) || ') from its mean of '
            || printf('%.2f', 100 * means.mean_growth_rate) || ' %, in ' || verdicts.account_count
            || ' accounts. This is an association, not a forecast.'
    end as statement,
    verdicts.verdict,
    verdicts.status,
    verdicts.status_reason
from drivers
inner join verdicts
    on drivers.segment_dimension = verdicts.segment_dimension and drivers.segment = verdicts.segment
left join means on drivers.segment_dimension = means.segment_dimension and drivers.segment = means.segment
