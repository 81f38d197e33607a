with

estimates as (
    select *
    from {{ ref('int_growth_estimates') }}
    where specification = 'same_and_previous_week' and term in ('quality', 'volume')
),

verdicts as (
    select * from {{ ref('int_growth_verdicts') }}
),

-- From a usual to a good week of the data, in units of the driver; nothing is said beyond a good week.
steps as (
    select
        estimates.segment_dimension,
        estimates.segment,
        estimates.term as driver,
        weeks.mean_growth_rate,
        estimates.estimate,
        estimates.conf_low,
        estimates.conf_high,
        case when estimates.term = 'volume' then weeks.usual_post_count end as usual_post_count,
        case when estimates.term = 'volume' then weeks.good_post_count end as good_post_count,
        case estimates.term
            when 'volume' then ln(1 + weeks.good_post_count) - ln(1 + weeks.usual_post_count)
            else weeks.quality_step * estimates.within_sd
        end as step,
        verdicts.verdict,
        estimates.account_count,
        estimates.observation_count,
        case
            when estimates.term = 'volume' and weeks.good_post_count <= weeks.usual_post_count then 'not_testable'
            else estimates.status
        end as status,
        case
            when estimates.term = 'volume' and weeks.good_post_count <= weeks.usual_post_count
                then 'the number of posts is the same in nearly all weeks'
            else estimates.status_reason
        end as status_reason
    from estimates
    inner join verdicts
        on estimates.segment_dimension = verdicts.segment_dimension and estimates.segment = verdicts.segment
    left join {{ ref('int_growth_usual_weeks') }} as weeks
        on estimates.segment_dimension = weeks.segment_dimension and estimates.segment = weeks.segment
),

changes as (
    select
        steps.*,
        case when status = 'ok' and driver = 'quality' then round(exp(step), 9) end as good_per_usual,
        case when status = 'ok' then round(estimate * step, 9) end as growth_change,
        case when status = 'ok' then round(conf_low * step, 9) end as growth_change_low,
        case when status = 'ok' then round(conf_high * step, 9) end as growth_change_high
    from steps
)

select
    segment_dimension,
    segment,
    driver,
    usual_post_count,
    good_post_count,
    good_per_usual,
    mean_growth_rate,
    growth_change,
    growth_change_low,
    growth_change_high,
    round(mean_growth_rate + growth_change, 9) as expected_growth_rate,
    round(mean_growth_rate + growth_change_low, 9) as expected_growth_rate_low,
    round(mean_growth_rate + growth_change_high, 9) as expected_growth_rate_high,
    account_count,
    observation_count,
    case
when growth_change is null then 'No figure: ' || status_reason || '.'
        else
            case
                when verdict = 'reverse_causality_not_excluded'
                    then 'It is not clear which came first, growth or the posts, so read no effect from this. '
                else ''
            end
            || case driver
                when 'quality' then 'Going from a usual to a good week of posts (the response is '
                    || printf('%.1f', good_per_usual) || ' times the usual)'
                else 'Going from ' || {{ number_of('usual_post_count', 'own post') }} || ' to ' || good_post_count
                    || ' a week'
            end
|| ' is linked to ' || printf('%.2f', abs(100 * growth_change)) || ' points '
            || case when growth_change < 0 then 'less' else 'more' end || ' weekly growth (95 % limits '
            || printf('%+.2f', 100 * growth_change_low) || ' to ' || printf('%+.2f', 100 * growth_change_high)
            || '); the mean is ' || printf('%.2f', 100 * mean_growth_rate)
            || ' %. A pattern in weeks that were seen, not a forecast.'
    end as summary_text,
    verdict,
    status,
    status_reason
from changes
