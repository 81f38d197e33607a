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

-- One measure of quality for each account, the best that its data carry: never two measures in one account.
bases as (
    select
        account_key,
        case
            when count(log_clicks_per_link_post) > 0 then 'clicks_per_link_post'
            when count(engagement_per_impression) > 0 then 'engagement_per_impression'
            when count(log_engagement_per_post) > 0 then 'engagement_per_post'
        end as quality_basis
    from {{ ref('int_account_week_posts') }}
    group by account_key
),

joined as (
    select
        weeks.account_key,
        weeks.week_start_date,
        previous.follower_count_end as follower_count_start,
        levels.follower_count_end,
        ln({{ divide('nullif(levels.follower_count_end, 0)', 'previous.follower_count_end') }}) as growth_rate,
        levels.following_count_end - previous.following_count_end as following_change,
        coalesce(levels.coverage_share, 0.0) as coverage_share,
        week_posts.account_key is not null as has_posts_covered,
        week_posts.post_count,
        week_posts.original_post_count,
        week_posts.link_post_count,
        ln(1 + week_posts.original_post_count) as volume,
        bases.quality_basis,
        case bases.quality_basis
            when 'clicks_per_link_post' then week_posts.log_clicks_per_link_post
            when 'engagement_per_impression' then week_posts.engagement_per_impression
            when 'engagement_per_post' then week_posts.log_engagement_per_post
        end as quality
    from weeks
    left join levels on weeks.account_key = levels.account_key and weeks.week_start_date = levels.week_start_date
    left join levels as previous
        on weeks.account_key = previous.account_key and weeks.week_start_date - 7 = previous.week_start_date
    left join {{ ref('int_account_week_posts') }} as week_posts
        on weeks.account_key = week_posts.account_key and weeks.week_start_date = week_posts.week_start_date
    left join bases on weeks.account_key = bases.account_key
),

judged as (
    select
        joined.*,
        case
            when follower_count_end is null then 'no_level_at_week_end'
            when follower_count_start is null then 'no_level_at_previous_week_end'
            when follower_count_start < {{ threshold('panel_followers_from') }} then 'too_few_followers'
            when not has_posts_covered then 'posts_not_covered'
            when quality is null then 'no_quality_measure'
        end as exclusion_reason
    from joined
)

select
    account_key,
    week_start_date,
    follower_count_start,
    follower_count_end,
    growth_rate,
    post_count,
    original_post_count,
    link_post_count,
    quality,
    quality_basis,
    volume,
    following_change,
    coverage_share,
    exclusion_reason is null as is_in_panel,
    exclusion_reason
from judged
