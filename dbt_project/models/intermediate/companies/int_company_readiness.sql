-- Company x platform: its figures, whether they are enough, and when they will be.
with

judged as (
    select
        platforms.*,
        figures.growth_rate,
        figures.growth_rate_low,
        figures.growth_rate_high,
        figures.follower_change,
        figures.change_start_date,
        figures.change_end_date,
        {{ zero_if_no_row('figures.read_week_count', 'figures.read_week_count') }} as read_week_count,
        {{ zero_if_no_row('figures.read_week_count', 'figures.week_count') }} as week_count,
        figures.age_basis,
        {{ zero_if_no_row('figures.measured_post_count', 'figures.measured_post_count') }} as measured_post_count,
        {{ zero_if_no_row('figures.measured_post_count', 'figures.post_count') }} as post_count,
        {{ zero_if_no_row('figures.measured_post_count', 'figures.post_week_count') }} as post_week_count,
        figures.last_week_start_date,
        figures.engagement_per_1000_followers,
        figures.per_1000_followers_low,
        figures.per_1000_followers_high,
        7 * posting.posts_per_day as posts_per_week,
        {{ divide(
            '7 * figures.post_count',
            days_between('figures.first_week_start_date', 'figures.last_week_start_date') ~ ' + 7'
        ) }} as post_pace,
        cast({{ threshold('company_weeks_from') }} as bigint) as weeks_from,
        cast({{ threshold('company_posts_from') }} as bigint) as posts_from
    from {{ ref('int_company_platforms') }} as platforms
    inner join {{ ref('int_company_figures') }} as figures
        on platforms.company_key = figures.company_key and platforms.platform = figures.platform
    left join {{ ref('int_benchmark_posting') }} as posting on platforms.account_key = posting.account_key
),

-- Who stopped reading or posting gets no date.
current_ones as (
    select
        judged.*,
        change_end_date > max(change_end_date) over (partition by company_key) - 14 as is_still_read,
        last_week_start_date > max(last_week_start_date) over (partition by company_key) - 28 as is_still_posting
    from judged
)

select
    current_ones.*,
    week_count >= weeks_from as is_growth_enough,
    post_count >= posts_from and post_week_count >= weeks_from as is_engagement_enough,
    case
        when week_count < weeks_from and week_count > 0 and is_still_read
            then change_end_date + cast(7 * (weeks_from - week_count) as integer)
    end as growth_date,
    case
        when
            not (post_count >= posts_from and post_week_count >= weeks_from) and post_count > 0 and is_still_posting
            then last_week_start_date + 14 + cast(7 * greatest(
                weeks_from - post_week_count, ceil({{ divide('posts_from - post_count', 'post_pace') }}), 1
            ) as integer)
    end as engagement_date
from current_ones
