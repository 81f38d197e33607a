-- Company x platform: growth and reactions of the same twelve weeks, each with its limits and n.
with

growth as (
    select
        company_key,
        platform,
        count(*) as read_week_count,
        count(*) filter (where is_large_enough) as week_count,
        median(growth_rate) filter (where is_large_enough) as growth_rate,
        {{ sorted_list('case when is_large_enough then growth_rate end') }} as growth_rates,
        max_by(follower_count_end, week_start_date) - min_by(follower_count_start, week_start_date) as follower_change,
        min(start_date) as change_start_date,
        max(end_date) as change_end_date
    from {{ ref('int_company_growth_weeks') }}
    where is_recent
    group by company_key, platform
),

engagement as (
    select
        company_key,
        platform,
        any_value(age_basis) as age_basis,
        any_value(rate) as rate,
        cast(sum(measured_post_count) as bigint) as measured_post_count,
        cast(sum(post_count) as bigint) as post_count,
        count(*) filter (where post_count > 0) as post_week_count,
        cast(sum(follower_sum) as double) as follower_sum,
        min(week_start_date) as first_week_start_date,
        max(week_start_date) as last_week_start_date,
        -- Rounded: the last digits of a sum depend on the order in which its rows are read.
        round(sqrt({{ divide('count(pull) * ' ~ precise_sum('pull * pull'), 'count(pull) - 1') }}), 12) as log_error
    from {{ ref('int_company_engagement_weeks') }}
    group by company_key, platform
)

select
    platforms.company_key,
    platforms.platform,
    growth.read_week_count,
    growth.week_count,
    growth.growth_rate,
    {{ median_limit('growth.growth_rates', 'low', correction='0.5') }} as growth_rate_low,
    {{ median_limit('growth.growth_rates', 'high', correction='0.5') }} as growth_rate_high,
    growth.follower_change,
    growth.change_start_date,
    growth.change_end_date,
    engagement.age_basis,
    engagement.measured_post_count,
    engagement.post_count,
    engagement.post_week_count,
    engagement.first_week_start_date,
    engagement.last_week_start_date,
    1000 * engagement.rate as engagement_per_1000_followers,
    1000 * case
        when engagement.rate = 0 then 0.0
        else engagement.rate * exp(-{{ student_quantile('1.959963985', 'engagement.post_week_count - 1') }} * log_error)
    end as per_1000_followers_low,
    -- Without a reaction: upper limit of a Poisson mean of which none was seen.
    1000 * case
        when engagement.rate = 0 then {{ divide('3.688879', 'engagement.follower_sum') }}
        else engagement.rate * exp({{ student_quantile('1.959963985', 'engagement.post_week_count - 1') }} * log_error)
    end as per_1000_followers_high
from {{ ref('int_company_platforms') }} as platforms
left join growth on platforms.company_key = growth.company_key and platforms.platform = growth.platform
left join engagement on platforms.company_key = engagement.company_key and platforms.platform = engagement.platform
