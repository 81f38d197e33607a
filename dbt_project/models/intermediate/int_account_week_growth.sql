-- Account x ISO week: growth between the two week ends, and what was posted and followed in the week.
with

levels as (
    select
        int_account_week_levels.*,
        case when is_week_end_level then follower_count end as follower_count_end,
        case when is_week_end_level then following_count end as following_count_end
    from {{ ref('int_account_week_levels') }} as int_account_week_levels
),

weeks as (
    select account_key, week_start_date from levels
    union
    select account_key, week_start_date from {{ ref('int_account_week_posts') }}
),

-- A week's new follows are known only where all seven days are reported.
new_follows as (
    select
        account_key,
        cast(date_trunc('week', date) as date) as week_start_date,
        cast(sum(new_follow_count) as bigint) as new_follow_count
    from {{ ref('int_account_days_reported') }}
    where new_follow_count is not null
    group by account_key, week_start_date
    having count(*) = 7
),

joined as (
    select
        weeks.account_key,
        weeks.week_start_date,
        previous.follower_count_end as follower_count_start,
        levels.follower_count_end,
        previous.following_count_end as following_count_start,
        levels.following_count_end,
        coalesce(levels.coverage_share, 0.0) as coverage_share,
        week_posts.account_key is not null as has_posts_covered,
        week_posts.post_count,
        week_posts.original_post_count,
        week_posts.link_post_count,
        new_follows.new_follow_count
    from weeks
    left join levels on weeks.account_key = levels.account_key and weeks.week_start_date = levels.week_start_date
    left join levels as previous
        on weeks.account_key = previous.account_key and weeks.week_start_date - 7 = previous.week_start_date
    left join {{ ref('int_account_week_posts') }} as week_posts
        on weeks.account_key = week_posts.account_key and weeks.week_start_date = week_posts.week_start_date
    left join new_follows
        on weeks.account_key = new_follows.account_key and weeks.week_start_date = new_follows.week_start_date
)

select
    account_key,
    week_start_date,
    follower_count_start,
    follower_count_end,
    round(ln({{ divide('nullif(follower_count_end, 0)', 'follower_count_start') }}), 12) as growth_rate,
    following_count_end - following_count_start as following_change,
    round(ln({{ divide('1 + following_count_end', '1 + following_count_start') }}), 12) as log_following_change,
    coverage_share,
    has_posts_covered,
    post_count,
    original_post_count,
    link_post_count,
    round(ln(1 + original_post_count), 12) as volume,
    new_follow_count
from joined
