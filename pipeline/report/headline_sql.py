"""The SQL behind the headline findings. Every query gives the rows of one sentence, or none."""

STYLES = """
select ratio_style, account_share, share_low, share_high, base_count
from marts.ratio_style_summary
where segment_dimension = 'all' and account_count > 0
order by account_share desc, ratio_style
"""
TWO_STYLES = """
select
    gap_class, relative_gap_density, relative_gap_density_low, relative_gap_density_high, accounts_needed, p_value,
    account_count
from marts.ratio_distribution_tests
where segment_dimension = 'all' and test = 'antimode' and gap_class is not null
"""
CHURN = """
select
    count(*) filter (where status = 'ok') as tested,
    count(*) filter (where is_spam_and_cull) as flagged,
    count(*) filter (where churn_class = 'possible') as possible
from marts.follow_churn
"""
VERDICT = """
select
    verdicts.*, readiness.status_reason as readiness_reason,
    (
        select any_value(mean_growth_rate) from marts.growth_what_if where segment_dimension = 'all'
    ) as mean_growth_rate
from marts.growth_verdict as verdicts
left join marts.answer_readiness as readiness
    on readiness.question = 'quality_against_volume' and readiness.segment_dimension = verdicts.segment_dimension
        and readiness.segment = verdicts.segment
where verdicts.segment_dimension = 'all'
"""
OWN = """
select
    coalesce(accounts.account_label, accounts.account_key) as handle, benchmark.value, benchmark.percentile,
    benchmark.peer_median, benchmark.peer_count, benchmark.conf_low, benchmark.conf_high
from marts.benchmark
inner join marts.accounts using (account_key)
where benchmark.is_own and benchmark.metric = 'weekly_growth_rate' and benchmark.status = 'ok'
order by accounts.follower_count desc nulls last, account_key
"""
OWN_DAYS = """
select
    coalesce(accounts.account_label, growth.account_key) as handle, growth.specification, growth.term,
    growth.response_basis, growth.follow_basis, growth.change_if_doubled, growth.change_if_doubled_low,
    growth.change_if_doubled_high, growth.day_count
from marts.own_account_growth as growth
inner join marts.accounts using (account_key)
where growth.status = 'ok' and growth.term = 'response' and growth.specification in ('same_day', 'day_before')
    and growth.change_if_doubled is not null
qualify count(*) filter (where growth.specification = 'same_day') over (partition by growth.account_key) = 1
    and growth.account_key = first_value(growth.account_key) over (
        order by accounts.is_own desc, accounts.follower_count desc nulls last, growth.account_key
    )
order by growth.specification desc
"""
RETENTION = """
select
    measured.share, measured.share_low, measured.share_high, measured.account_count, published.share as claimed,
    measured.never_posted_count
from marts.account_retention_measures as measured
left join marts.account_retention_measures as published
    on published.measure = measured.measure and published.origin = 'published'
where measured.origin = 'measured' and measured.measure = 'quit_by_day_7' and measured.segment_dimension = 'all'
    and measured.silence_days = 30 and measured.status = 'ok'
limit 1
"""
LOAD = """
select
    count(*) as accounts, count(*) filter (where is_beyond_reading) as beyond,
    count(*) filter (where minutes_per_day > 60) as over_hour,
    count(*) filter (where minutes_per_day_low > 60) as over_hour_low,
    count(*) filter (where minutes_per_day_high > 60) as over_hour_high
from marts.attention_load
where is_beyond_reading is not null
having count(*) > 0
"""
# The answer whose share differs most between two segments of customer focus, of all that are shown with an interval.
CONTRAST = """
with shown as (
    from marts.survey_segments
    where segment_dimension = 'customer_focus' and not is_suppressed and share is not null
),

widest as (
    select survey_id, question_id, option
    from shown
    group by survey_id, question_id, option
    order by max(share) - min(share) desc, survey_id, question_id, option
    limit 1
)

select shown.question, shown.option, shown.segment, shown.share, shown.share_low, shown.share_high, shown.base_count
from shown
inner join widest using (survey_id, question_id, option)
order by shown.share desc
"""
ACTIVATION = """
select list_id, matched_count, follower_count, activation_share, share_low, share_high
from marts.contact_activation
where segment = 'all' and status = 'ok'
order by contact_count desc, list_id
limit 1
"""
PLATFORMS = """
select
    company, measure, week_count,
    case when estimate > 0 then platform else other_platform end as ahead,
    case when estimate > 0 then other_platform else platform end as behind,
    least(abs(conf_low), abs(conf_high)) as low, greatest(abs(conf_low), abs(conf_high)) as high
from marts.company_platform_differences
where is_own and is_distinct and measure = 'weekly_growth_rate'
order by abs(estimate) desc, company, platform, other_platform
"""
