-- Post x clicks on its tracked links from its day up to the age of comparison, where every one of these days is stated
-- and belongs to this post alone. A day that is not stated is not a day without clicks.
{%- set days = threshold('metrics_age_days') %}
with

clicks as (
    select
        link_id,
        post_key,
        date,
        source,
        click_count
    from {{ ref('link_clicks') }}
),

-- A source that leaves out days without clicks would measure only those posts that are clicked every day.
gapless as (
    select source
    from (
        select
            source,
            {{ days_between('min(date)', 'max(date)') }} + 1 as day_count,
            count(distinct date) as stated_count
        from clicks
        group by source, link_id
    ) as spans
    group by source
    having bool_and(stated_count = day_count)
),

links as (
    select
        carried.post_key,
        carried.link_id,
        clicks.source,
        sum(clicks.click_count) as click_count
    from {{ ref('int_post_links') }} as carried
    inner join clicks
        on
            carried.link_id = clicks.link_id
            and carried.post_key = clicks.post_key
            and {{ days_between('carried.posted_date', 'clicks.date') }} between 0 and {{ days }} - 1
    inner join gapless on clicks.source = gapless.source
    group by carried.post_key, carried.link_id, clicks.source
    having count(clicks.click_count) = {{ days }}
),

-- Two sources that count one link count the same clicks.
counted as (
    select
        post_key,
        link_id,
        max_by(click_count, case source when 'bitly' then 1 else 0 end) as click_count
    from links
    group by post_key, link_id
),

carried as (
    select post_key, count(*) as link_count
    from {{ ref('int_post_links') }}
    group by post_key
)

select
    counted.post_key,
    cast(sum(counted.click_count) as bigint) as link_click_count
from counted
inner join carried on counted.post_key = carried.post_key
group by counted.post_key, carried.link_count
having count(*) = carried.link_count
