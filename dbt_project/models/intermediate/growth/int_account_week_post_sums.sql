-- Account x ISO week with posts: how much was posted from reading to reading, whether the week is covered or not. A
-- table of its own: together with the covered weeks it took more memory than the pipeline has.
with

own_posts as (
    select
        int_posts.account_key,
        int_posts.post_kind,
        int_posts.has_link,
        {{ week_of('int_posts.created_at', 'intervals') }} as week_start_date,
        int_posts.post_kind in ('original', 'quote') as is_original
    from {{ ref('int_posts') }} as int_posts
    left join {{ ref('int_account_week_intervals') }} as intervals
        on
            int_posts.account_key = intervals.account_key
            and {{ iso_week('int_posts.created_at') }} = intervals.week_start_date
)

select
    account_key,
    week_start_date,
    count(*) as post_count,
    count(*) filter (where is_original) as original_post_count,
    count(*) filter (where is_original and has_link) as link_post_count,
    count(*) filter (where post_kind in ('reply', 'self_reply')) as reply_post_count,
    count(*) filter (where post_kind = 'repost') as repost_count
from own_posts
group by account_key, week_start_date
