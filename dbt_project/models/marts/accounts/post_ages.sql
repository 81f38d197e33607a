{{ incremental_by_changed_keys('int_post_ages_changed', ['post_key']) }}
with

-- Nothing is known beyond the last reading of any post of the platform.
ends as (
    select platform, max(metrics_captured_at) as last_read_at
    from {{ ref('int_post_metrics_latest') }}
    group by platform
),

posts as (
    select
        int_posts.post_key,
        int_posts.account_key,
        int_posts.post_kind,
        int_posts.created_at,
        ages.age_days,
        ages.tolerance_days,
        {{ divide(time_between('second', 'int_posts.created_at', 'ends.last_read_at'), 86400) }}
        >= ages.age_days - ages.tolerance_days
            as is_old_enough
    from {{ ref('int_posts') }} as int_posts
    cross join {{ ref('comparison_ages') }} as ages
    left join ends on split_part(int_posts.post_key, ':', 1) = ends.platform
    where
        {{ in_changed_keys('int_post_ages_changed', ['post_key'], 'int_posts') }}
        and {{ in_changed_range('int_post_ages_changed', 'post_key', 'int_posts.post_key') }}
),

readings as (
    select by_age.*
    from {{ ref('int_post_metrics_by_age') }} as by_age
    where
        age_basis = 'fixed_age'
        and {{ in_changed_range('int_post_ages_changed', 'post_key', 'by_age.post_key') }}
)

select
    posts.post_key,
    posts.account_key,
    posts.post_kind,
    posts.age_days,
    24 * posts.tolerance_days as tolerance_hours,
    readings.metrics_age_hours,
    readings.impression_count,
    readings.like_count,
    readings.repost_count,
    readings.reply_count,
    readings.quote_count,
    readings.bookmark_count,
    readings.link_click_count,
    readings.profile_click_count,
    readings.reaction_count,
    case when readings.post_key is null then 'insufficient_data' else 'ok' end as status,
    case
        when readings.post_key is not null then null
        when posts.created_at is null then 'the time of posting is not known'
        when posts.is_old_enough is not true then 'the post was younger at the last reading'
        else 'no reading near that age; exports do not state the hour of their figures'
    end as status_reason
from posts
left join readings on posts.post_key = readings.post_key and posts.age_days = readings.age_days
order by posts.post_key, posts.age_days
