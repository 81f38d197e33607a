with

assumptions as (
    select
        max(value) filter (where name = 'posts_per_day') as posts_per_day,
        max(value) filter (where name = 'posts_per_day_low') as posts_per_day_low,
        max(value) filter (where name = 'posts_per_day_high') as posts_per_day_high,
        max(value) filter (where name = 'seconds_per_post') as seconds_per_post,
        max(value) filter (where name = 'seconds_per_post_low') as seconds_per_post_low,
        max(value) filter (where name = 'seconds_per_post_high') as seconds_per_post_high,
        max(value) filter (where name = 'reading_line_accounts') as reading_line_accounts
    from {{ ref('attention_assumptions') }}
),

-- Both assumptions are off independently: their distances add up by squares on the log scale.
factors as (
    select
        assumptions.*,
        exp(-sqrt(
            pow(ln({{ divide('posts_per_day', 'posts_per_day_low') }}), 2)
            + pow(ln({{ divide('seconds_per_post', 'seconds_per_post_low') }}), 2)
        )) as factor_low,
        exp(sqrt(
            pow(ln({{ divide('posts_per_day_high', 'posts_per_day') }}), 2)
            + pow(ln({{ divide('seconds_per_post_high', 'seconds_per_post') }}), 2)
        )) as factor_high
    from assumptions
),

-- What the watched accounts of a platform really post: an assumption measured, for whoever follows accounts like them.
observed as (
    select
        split_part(account_key, ':', 1) as platform,
        median(posts_per_day) as posts_per_day,
        count(*) as account_count
    from {{ ref('int_benchmark_posting') }}
    where posts_per_day > 0
    group by split_part(account_key, ':', 1)
),

loads as (
    select
        styles.account_key,
        styles.following_count,
        styles.following_count * factors.posts_per_day as expected_posts_per_day,
        styles.following_count * factors.posts_per_day * factors.seconds_per_post / 60.0 as minutes_per_day,
        factors.factor_low,
        factors.factor_high,
        styles.following_count > factors.reading_line_accounts as is_beyond_reading,
        styles.following_count * observed.posts_per_day * factors.seconds_per_post / 60.0 as observed_minutes_per_day,
        observed.posts_per_day as observed_posts_per_day,
        observed.account_count as observed_account_count
    from {{ ref('int_ratio_styles') }} as styles
    cross join factors
    left join observed on split_part(styles.account_key, ':', 1) = observed.platform
)

select
    loads.account_key,
    loads.following_count,
    loads.expected_posts_per_day,
    loads.minutes_per_day,
    round(loads.minutes_per_day * loads.factor_low, 6) as minutes_per_day_low,
    round(loads.minutes_per_day * loads.factor_high, 6) as minutes_per_day_high,
    loads.is_beyond_reading,
    loads.observed_minutes_per_day,
    loads.observed_posts_per_day,
    loads.observed_account_count,
    posting.reply_count,
    posting.reply_partner_count,
    {{ divide('posting.reply_partner_count', 'posting.addressed_reply_count') }} as distinct_partner_share
from loads
left join {{ ref('int_benchmark_posting') }} as posting on loads.account_key = posting.account_key
