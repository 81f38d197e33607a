with

assumptions as (
    select
        max(value) filter (where name = 'posts_per_day') as posts_per_day,
        max(value) filter (where name = 'seconds_per_post') as seconds_per_post,
        max(value) filter (where name = 'reading_line_accounts') as reading_line_accounts
    from {{ ref('attention_assumptions') }}
),

-- What the watched accounts really post: an assumption measured, for whoever follows accounts like them.
observed as (
    select median(posts_per_day) as posts_per_day, count(*) as account_count
    from {{ ref('int_benchmark_posting') }}
    where posts_per_day > 0
)

select
    styles.account_key,
    styles.following_count,
    styles.following_count * assumptions.posts_per_day as expected_posts_per_day,
    styles.following_count * assumptions.posts_per_day * assumptions.seconds_per_post / 60.0 as minutes_per_day,
    styles.following_count > assumptions.reading_line_accounts as is_beyond_reading,
    styles.following_count * observed.posts_per_day * assumptions.seconds_per_post / 60.0 as observed_minutes_per_day,
    observed.posts_per_day as observed_posts_per_day,
    observed.account_count as observed_account_count,
    posting.reply_count,
    posting.reply_partner_count,
    {{ divide('posting.reply_partner_count', 'posting.addressed_reply_count') }} as distinct_partner_share
from {{ ref('int_ratio_styles') }} as styles
cross join assumptions
cross join observed
left join {{ ref('int_benchmark_posting') }} as posting on styles.account_key = posting.account_key
