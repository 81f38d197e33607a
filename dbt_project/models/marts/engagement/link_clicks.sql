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
        min(unit_rank) over (partition by link_id, bucket_date, source) as day_unit_rank,
        bool_or(referrer is null) over (
            partition by link_id, bucket_start_at, bucket_unit, source
        ) as has_total
    from buckets
),

days as (
    select
        link_id,
        bucket_date as date,
        source,
        max_by(long_url, captured_at) filter (where long_url is not null) as long_url,
        case when count(*) = count(click_count) then cast(sum(click_count) as bigint) end as click_count
    from wholes
    where unit_rank = day_unit_rank and (referrer is null or not has_total)
    group by link_id, bucket_date, source
),

-- The clicks of a day belong to the newest post that carries the link. Posts that lie close together cannot be
-- distinguished by time: then no post gets them.
carriers as (
    select
        days.link_id,
        days.date,
        days.source,
        links.platform,
        links.post_key,
        links.posted_date,
        max(links.posted_date) over (partition by days.link_id, days.date, days.source) as newest_date
    from days
    inner join {{ ref('int_post_links') }} as links
        on days.link_id = links.link_id and days.date >= links.posted_date
),

carried as (
    select
        link_id,
        date,
        source,
        count(*) as carrying_post_count,
        any_value(platform) as platform,
        any_value(post_key) as post_key
    from carriers
    where {{ days_between('posted_date', 'newest_date') }} < {{ threshold('link_posts_apart_days') }}
    group by link_id, date, source
)

select
    case when carried.carrying_post_count = 1 then carried.platform end as platform,
    days.link_id,
    days.long_url,
    case when carried.carrying_post_count = 1 then carried.post_key end as post_key,
    carried.carrying_post_count,
    days.date,
    days.click_count,
    days.source
from days
left join carried
    on days.link_id = carried.link_id and days.date = carried.date and days.source = carried.source
order by days.link_id, days.date, days.source
