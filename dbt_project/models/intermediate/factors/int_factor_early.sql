-- Post that was read at the main age of comparison: its reactions by then, and those about an hour after posting where
-- it was read at that time. Exports do not state the hour of their figures; of an edited post no reading has all
-- versions.
with

versions as (
    select
        platform,
        edit_root_id,
        max(post_id) as post_id,
        min(created_at) as created_at
    from {{ ref('int_post_versions') }}
    where platform || ':' || edit_root_id in (select post_key from {{ ref('int_factor_posts') }})
    group by platform, edit_root_id
    having count(*) = 1
),

posts as (
    select
        compared.post_key,
        versions.platform,
        versions.post_id,
        versions.created_at,
        by_age.reaction_count
    from {{ ref('int_factor_posts') }} as compared
    inner join {{ ref('int_post_metrics_by_age') }} as by_age
        on compared.post_key = by_age.post_key and by_age.age_basis = 'fixed_age'
    inner join versions on compared.post_key = versions.platform || ':' || versions.edit_root_id
    where by_age.age_days = {{ threshold('metrics_age_days') }} and by_age.reaction_count is not null
),

readings as (
    select
        posts.post_key,
        posts.reaction_count,
        {{ divide(time_between('second', 'posts.created_at', 'metrics.captured_at'), 3600) }} as hours,
        cast(
            {{ sum_of_known([
                'metrics.like_count', 'metrics.repost_count', 'metrics.reply_count', 'metrics.quote_count'
            ]) }}
            as bigint
        ) as early_reaction_count,
        metrics.lake_sequence
    from posts
    inner join {{ ref('stg_post_metrics') }} as metrics
        on posts.platform = metrics.platform and posts.post_id = metrics.post_id
    where metrics.metric_scope in ('public', 'non_public')
),

near as (
    select
        readings.*,
        row_number() over (
            partition by post_key
            order by abs(hours - {{ threshold('early_reading_hours') }}) asc, hours desc, lake_sequence desc
        ) as place
    from readings
    where
        early_reaction_count is not null
        and abs(hours - {{ threshold('early_reading_hours') }}) <= {{ threshold('early_reading_tolerance_hours') }}
)

select
    posts.post_key,
    near.early_reaction_count,
    near.hours as early_hours,
    posts.reaction_count as total_reaction_count
from posts
left join near on posts.post_key = near.post_key and near.place = 1
