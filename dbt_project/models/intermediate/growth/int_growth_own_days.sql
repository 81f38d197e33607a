with

reported as (
    select
        account_key, date, engagement_count, link_click_count, new_follow_count, unfollow_count, net_follow_count,
        promoted_impression_count
    from {{ ref('int_account_days_reported') }}
    where coalesce(new_follow_count, net_follow_count) is not null
),

covered as (
    select distinct reported.account_key, reported.date
    from reported
    inner join {{ ref('int_post_periods_covered') }} as periods
        on
            reported.account_key = periods.account_key
            and reported.date between periods.start_date and periods.end_date
),

-- Exports count days in the exporter's time zone, so posts are counted on the day that the export prints.
day_posts as (
    select
        account_key,
        coalesce(created_date, cast(created_at as date)) as date,
        count(*) as post_count,
        count(*) filter (where post_kind in ('original', 'quote')) as original_post_count,
        cast(sum(new_follow_count) as bigint) as post_follow_count,
        cast(sum(link_click_count) as bigint) as post_click_count
    from {{ ref('int_posts') }}
    where post_kind <> 'repost'
    group by account_key, coalesce(created_date, cast(created_at as date))
),

joined as (
    select
        reported.*,
        covered.date is not null as has_posts_covered,
        case
            when covered.date is not null then {{ zero_if_no_row('day_posts.date', 'day_posts.post_count') }}
        end as post_count,
        case
            when covered.date is not null then {{ zero_if_no_row('day_posts.date', 'day_posts.original_post_count') }}
        end as original_post_count,
        -- A day without posts gives no credit to posts.
        case
            when covered.date is not null then {{ zero_if_no_row('day_posts.date', 'day_posts.post_follow_count') }}
        end as post_follow_count,
        case when covered.date is not null then {{ zero_if_no_row('day_posts.date', 'day_posts.post_click_count') }} end
            as post_click_count
    from reported
    left join covered on reported.account_key = covered.account_key and reported.date = covered.date
    left join day_posts on reported.account_key = day_posts.account_key and reported.date = day_posts.date
),

-- One measure of response per account: the first that is known on enough days.
bases as (
    select
        account_key,
        case when count(new_follow_count) > 0 then 'new_follows' else 'net_follows' end as follow_basis,
        case
            when count(link_click_count) >= {{ threshold('own_days_from') }} then 'clicks_by_day'
            -- Days without posts are zeros: it is the posts that show whether clicks are reported at all.
            when
                count(post_click_count) >= {{ threshold('own_days_from') }}
                and count(post_click_count) filter (where post_count > 0) > 0
                then 'clicks_of_posts'
            when count(engagement_count) >= {{ threshold('own_days_from') }} then 'engagements_by_day'
        end as response_basis
    from joined
    group by account_key
)

select
    joined.account_key,
    joined.date,
    joined.new_follow_count,
    joined.unfollow_count,
    joined.net_follow_count,
    bases.follow_basis,
    joined.has_posts_covered,
    joined.post_count,
    joined.original_post_count,
    joined.post_follow_count,
    bases.response_basis,
    case bases.response_basis
        when 'clicks_by_day' then joined.link_click_count
        when 'clicks_of_posts' then joined.post_click_count
        when 'engagements_by_day' then joined.engagement_count
    end as response_count,
    joined.promoted_impression_count
from joined
inner join bases on joined.account_key = bases.account_key
where bases.follow_basis = 'net_follows' or joined.new_follow_count is not null
