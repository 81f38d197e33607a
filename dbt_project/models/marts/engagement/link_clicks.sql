with

-- Weeks and months cannot be divided into days.
buckets as (
    select
        clicks.*,
        case bucket_unit when 'day' then 1 when 'hour' then 2 when 'minute' then 3 end as unit_rank
    from {{ ref('stg_link_clicks') }} as clicks
    where bucket_unit in ('day', 'hour', 'minute')
),

-- A day that is stated as a whole is not added up from its hours, nor clicks from everywhere from single domains.
wholes as (
    select
        buckets.*,
        min(unit_rank) over (partition by platform, link_id, bucket_date, source) as day_unit_rank,
        bool_or(referrer is null) over (
            partition by platform, link_id, bucket_start_at, bucket_unit, source
        ) as has_total
    from buckets
),

days as (
    select
        platform,
        link_id,
        bucket_date as date,
        source,
        max_by(long_url, captured_at) filter (where long_url is not null) as long_url,
        max_by(post_id, captured_at) filter (where post_id is not null) as post_id,
        case when count(*) = count(click_count) then cast(sum(click_count) as bigint) end as click_count
    from wholes
    where unit_rank = day_unit_rank and (referrer is null or not has_total)
    group by platform, link_id, bucket_date, source
)

select
    days.platform,
    days.link_id,
    days.long_url,
    days.platform || ':' || coalesce(versions.edit_root_id, days.post_id) as post_key,
    days.date,
    days.click_count,
    days.source
from days
left join {{ ref('int_post_versions') }} as versions
    on days.platform = versions.platform and days.post_id = versions.post_id
