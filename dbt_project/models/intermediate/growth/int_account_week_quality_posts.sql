with

posts as (
    select
        int_posts.post_key,
        int_posts.account_key,
        -- A link to the quoted post or to the platform itself leads nowhere that clicks on it could speak for.
        int_posts.has_link
        and int_posts.post_kind = 'original'
        and coalesce(int_posts.link_domain, '') not in (
            'x.com', 'twitter.com', 'bsky.app', 'linkedin.com', 'lnkd.in', 'threads.net', 'threads.com',
            -- The id of a Mastodon account begins with its own server.
            split_part(split_part(int_posts.account_key, ':', 2), '/', 1)
        ) as has_outbound_link,
        {{ week_of('int_posts.created_at', 'intervals') }} as week_start_date
    from {{ ref('int_posts') }} as int_posts
    left join {{ ref('int_account_week_intervals') }} as intervals
        on
            int_posts.account_key = intervals.account_key
            and {{ iso_week('int_posts.created_at') }} = intervals.week_start_date
    where int_posts.post_kind in ('original', 'quote')
),

measured as (
    select
        posts.*,
        metrics.age_basis,
        metrics.impression_count,
        metrics.engagement_count,
        -- X counts clicks of its own; elsewhere the clicks that the links' shortener counts are taken.
        case
            when split_part(posts.account_key, ':', 1) = 'x' then metrics.link_click_count
            else coalesce(metrics.link_click_count, clicks.link_click_count)
        end as link_click_count
    from posts
    inner join {{ ref('int_account_week_posts') }} as weeks
        on posts.account_key = weeks.account_key and posts.week_start_date = weeks.week_start_date
    inner join {{ ref('int_post_metrics_at_age') }} as metrics on posts.post_key = metrics.post_key
    left join {{ ref('int_post_link_clicks') }} as clicks on posts.post_key = clicks.post_key
    -- The first posts of a week alone would stand for the rest; and what is pooled over all weeks moves once a week.
    inner join {{ ref('int_settled_weeks') }} as settled on posts.week_start_date <= settled.last_settled_week_date
)

select
    post_key,
    account_key,
    week_start_date,
    'clicks_per_link_post' as quality_basis,
    age_basis,
    ln(1 + link_click_count) as score,
    cast(null as bigint) as trial_count
from measured
where has_outbound_link and link_click_count is not null
union all
select
    post_key,
    account_key,
    week_start_date,
    'engagement_per_impression' as quality_basis,
    age_basis,
    -- Repeated clicks can make more engagements than impressions; a share ends at one.
    cast(least(engagement_count, impression_count) as double) as score,
    impression_count as trial_count
from measured
where impression_count > 0 and engagement_count >= 0
union all
select
    post_key,
    account_key,
    week_start_date,
    'engagement_per_post' as quality_basis,
    age_basis,
    ln(1 + engagement_count) as score,
    cast(null as bigint) as trial_count
from measured
-- LinkedIn takes back what accounts that it removed had done: a post can have less than nothing.
where engagement_count >= 0
