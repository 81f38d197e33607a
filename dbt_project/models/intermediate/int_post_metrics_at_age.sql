-- Post x basis of age: its metrics at the age of comparison, or as an export states them once the post is that old.
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
    from {{ ref('int_post_versions') }}
),

observations as (
    select
        versions.platform,
        versions.post_id,
        versions.edit_root_id,
        versions.is_newest,
        case when metrics.metric_scope = 'export' then 'export' else 'fixed_age' end as age_basis,
        date_diff('second', versions.created_at, metrics.captured_at) / 86400.0 as age_days,
        metrics.captured_at,
        metrics.lake_sequence,
        metrics.impression_count,
        metrics.engagement_count,
        list_sum([metrics.like_count, metrics.repost_count, metrics.reply_count, metrics.quote_count])::bigint
            as reaction_count,
        metrics.link_click_count
    from versions
    inner join {{ ref('stg_post_metrics') }} as metrics
        on versions.platform = metrics.platform and versions.post_id = metrics.post_id
    where metrics.metric_scope in ('public', 'non_public', 'export')
),

-- A version that was edited away no longer changes, so an early reading of it is as good as a late one.
comparable as (
    select
        observations.*,
        row_number() over (
            partition by platform, post_id, age_basis
            order by
                case when age_basis = 'fixed_age' then -abs(age_days - {{ threshold('metrics_age_days') }}) end,
                captured_at, lake_sequence
        ) as preference
    from observations
    where
        (
            age_days >= {{ threshold('metrics_age_days') }} - {{ threshold('metrics_age_tolerance_days') }}
            or (age_basis = 'fixed_age' and not is_newest)
        )
        and (
            age_days <= {{ threshold('metrics_age_days') }} + {{ threshold('metrics_age_tolerance_days') }}
            or age_basis = 'export'
        )
),

per_version as (
    select
        platform,
        edit_root_id,
        post_id,
        age_basis,
        max_by(impression_count, preference) filter (where impression_count is not null) as impression_count,
        max_by(engagement_count, preference) filter (where engagement_count is not null) as engagement_count,
        max_by(reaction_count, preference) filter (where reaction_count is not null) as reaction_count,
        max_by(link_click_count, preference) filter (where link_click_count is not null) as link_click_count,
        max_by(age_days, preference) as age_days,
        bool_or(is_newest) as is_newest
    from comparable
    group by platform, edit_root_id, post_id, age_basis
)

select
    platform || ':' || edit_root_id as post_key,
    age_basis,
    sum(impression_count)::bigint as impression_count,
    sum(reaction_count)::bigint as reaction_count,
    -- The platform's own total comes with exports; public counts are the same for every account and day.
    case
        when age_basis = 'export' then coalesce(sum(engagement_count), sum(reaction_count))
        else sum(reaction_count)
    end::bigint as engagement_count,
    sum(link_click_count)::bigint as link_click_count,
    24 * max(age_days) as metrics_age_hours
from per_version
group by platform, edit_root_id, age_basis
having bool_or(is_newest)
