-- Post x basis of age x age of comparison: its metrics in the readings nearest to that age; none where none is near.
{{ incremental_by_changed_keys('int_posts_changed', ['post_key']) }}
with

versions as (
    select
        platform,
        post_id,
        edit_root_id,
        min(created_at) over (partition by platform, edit_root_id) as created_at,
        row_number() over (
            partition by platform, edit_root_id
            order by created_at desc nulls last, length(post_id) desc, post_id desc
        ) = 1 as is_newest
    from {{ ref('int_post_versions') }} as int_post_versions
    where
        {{ in_changed_keys('int_posts_changed', ['platform', 'edit_root_id'], 'int_post_versions') }}
        and {{ in_changed_range('int_posts_changed', 'post_id', 'int_post_versions.post_id') }}
),

observations as (
    select
        versions.platform,
        versions.post_id,
        versions.edit_root_id,
        versions.is_newest,
        case when metrics.metric_scope = 'export' then 'export' else 'fixed_age' end as age_basis,
        {{ divide(time_between('second', 'versions.created_at', 'metrics.captured_at'), 86400) }} as read_at_days,
        metrics.captured_at,
        metrics.lake_sequence,
        metrics.impression_count,
        metrics.like_count,
        metrics.repost_count,
        metrics.reply_count,
        metrics.quote_count,
        metrics.bookmark_count,
        metrics.engagement_count,
        metrics.link_click_count,
        metrics.profile_click_count
    from versions
    inner join {{ ref('stg_post_metrics') }} as metrics
        on versions.platform = metrics.platform and versions.post_id = metrics.post_id
    where
        metrics.metric_scope in ('public', 'non_public', 'export')
        and {{ in_changed_keys('int_posts_changed', ['platform', 'post_id'], 'metrics') }}
        and {{ in_changed_range('int_posts_changed', 'post_id', 'metrics.post_id') }}
),

-- An export states the last day of its period, not when it was made: it counts as the main age once the post is that
-- old. A version that was edited away no longer changes, so an early reading of it is as good as a late one. It is
-- finished before the aggregates begin: in one piece they ran out of 2 GB at 4.9 million readings.
comparable as {{ materialized() }} (
    select
        observations.*,
        ages.age_days,
        cast({{ sum_of_known(['like_count', 'repost_count', 'reply_count', 'quote_count']) }} as bigint)
            as reaction_count,
        -- One number instead of a sort over all readings: the nearest, of two as near the later, of two at once the
        -- one that was loaded last; of an export the last. In half seconds; files number fewer than 10^9.
        case
            when age_basis = 'fixed_age'
                then -2 * {{ nearest_whole('abs(read_at_days - ages.age_days) * 86400') }}
                    + cast(read_at_days > ages.age_days as bigint)
            else cast(floor({{ epoch_seconds('captured_at') }}) as bigint)
        end * 1000000000 + lake_sequence as preference
    from observations
    inner join {{ ref('comparison_ages') }} as ages
        on
            observations.read_at_days <= ages.age_days + ages.tolerance_days
            or observations.age_basis = 'export'
    where
        (age_basis = 'fixed_age' and (not is_newest or read_at_days >= ages.age_days - ages.tolerance_days))
        or (
            age_basis = 'export'
            and ages.age_days = {{ threshold('metrics_age_days') }}
            and read_at_days >= ages.age_days - ages.tolerance_days
        )
),

{%- set counts = [
    'impression_count', 'like_count', 'repost_count', 'reply_count', 'quote_count', 'bookmark_count',
    'reaction_count', 'engagement_count', 'link_click_count', 'profile_click_count'
] %}

per_version as (
    select
        platform,
        edit_root_id,
        post_id,
        age_basis,
        age_days,
        {%- for count in counts %}
        max_by({{ count }}, preference) filter (where {{ count }} is not null) as {{ count }},
        {%- endfor %}
        max_by(read_at_days, preference) as read_at_days,
        bool_or(is_newest) as is_newest
    from comparable
    group by platform, edit_root_id, post_id, age_basis, age_days
)

select
    platform || ':' || edit_root_id as post_key,
    age_basis,
    age_days,
    {%- for count in counts if count != 'engagement_count' %}
    cast(sum({{ count }}) as bigint) as {{ count }},
    {%- endfor %}
    -- The platform's own total comes with exports; public counts are the same for every account and day.
    cast(
        case
            when age_basis = 'export' then coalesce(sum(engagement_count), sum(reaction_count))
            else sum(reaction_count)
        end as bigint
    ) as engagement_count,
    24 * max(read_at_days) as metrics_age_hours
from per_version
group by platform, edit_root_id, age_basis, age_days
having bool_or(is_newest)
order by post_key, age_basis, age_days
