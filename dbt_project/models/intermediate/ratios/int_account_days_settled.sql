-- Made of what the settled weeks show and of nothing else: what follows from it stays as it is on six days of seven.
{{ config(materialized='view', meta={'is_compared': true}) }}

select
    days.account_key,
    days.platform,
    days.date,
    days.follower_count,
    days.following_count
from {{ ref('int_account_snapshots_daily') }} as days
inner join {{ ref('int_settled_weeks') }} as settled on days.date <= settled.last_settled_week_date + 6
where days.follower_count is not null and days.following_count is not null
