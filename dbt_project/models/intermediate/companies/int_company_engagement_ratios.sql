-- Company x pair of its platforms: error of the log of the ratio of their reactions per follower.
with

-- What a week's posts move the log of the ratio by: news of the company moves both platforms in the same week.
ratio_weeks as (
    select
        pairs.company_key,
        pairs.platform,
        pairs.other_platform,
        weeks.week_start_date,
        sum(case when weeks.platform = pairs.platform then weeks.pull else -weeks.pull end) as pull,
        max(case when weeks.platform = pairs.platform then 1 else 0 end) as in_one,
        max(case when weeks.platform = pairs.other_platform then 1 else 0 end) as in_other
    from {{ ref('int_company_platform_pairs') }} as pairs
    inner join {{ ref('int_company_engagement_weeks') }} as weeks
        on pairs.company_key = weeks.company_key and weeks.platform in (pairs.platform, pairs.other_platform)
    where weeks.pull is not null
    group by pairs.company_key, pairs.platform, pairs.other_platform, weeks.week_start_date
)

select
    company_key,
    platform,
    other_platform,
    cast(least(sum(in_one), sum(in_other)) as bigint) as week_count,
    -- Rounded: the last digits of a sum depend on the order in which its rows are read.
    round(sqrt({{ divide('count(*) * ' ~ precise_sum('pull * pull'), 'count(*) - 1') }}), 12) as log_error
from ratio_weeks
group by company_key, platform, other_platform
