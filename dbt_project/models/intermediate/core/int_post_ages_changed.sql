-- Post whose row for some age of comparison may have changed since the previous build; empty in a full build.
with

-- The last reading before the new rows, or an earlier one: that of posts without new rows.
ends as (
    select latest.platform, max(latest.metrics_captured_at) as last_read_at
    from {{ ref('int_post_metrics_latest') }} as latest
    left join {{ ref('int_posts_new') }} as arrived
        on latest.platform = arrived.platform and latest.post_id = arrived.post_id
    where arrived.post_id is null
    group by latest.platform
),

-- From here on a post is old enough for every age of comparison.
oldest as (
    select max(age_days - tolerance_days) as age_days
    from {{ ref('comparison_ages') }}
)

select post_key
from {{ ref('int_posts_changed') }}
union
-- Too young at that reading: time alone changes these.
select int_posts.post_key
from {{ ref('int_posts') }} as int_posts
cross join oldest
left join ends on split_part(int_posts.post_key, ':', 1) = ends.platform
where
    {{ 'true' if is_incremental_run() else 'false' }}
    and int_posts.created_at is not null
    and ({{ divide(time_between('second', 'int_posts.created_at', 'ends.last_read_at'), 86400) }} >= oldest.age_days)
    is not true
