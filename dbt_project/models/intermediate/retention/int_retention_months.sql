-- Account of the study: whether it posted again in the calendar month after the one of its first post.
with

firsts as (
    select
        account_key,
        last_watched_date,
        cast(date_trunc('month', first_post_date) as date) as first_month
    from {{ ref('int_retention_accounts') }}
    where exclusion_reason is null
),

posts as (
    select distinct account_key, cast(date_trunc('month', created_at) as date) as month
    from {{ ref('int_posts') }}
    where post_kind <> 'repost'
)

select
    firsts.account_key,
    firsts.first_month,
    posts.account_key is not null as has_returned
from firsts
left join posts
    on
        firsts.account_key = posts.account_key
        and cast(firsts.first_month + interval 1 month as date) = posts.month
-- The following month must have been watched to its end.
where firsts.last_watched_date >= cast(firsts.first_month + interval 2 month as date) - 1
