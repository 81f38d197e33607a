-- Own account: followers for each account followed, and how far that moved in its last weeks with a reading.
with

styles as (
    select account_key, as_of_date, following_count, followers_per_following
    from {{ ref('ratio_styles') }}
),

weeks as (
    select
        account_key,
        followers_per_following,
        row_number() over (partition by account_key order by week_start_date desc) as place
    from {{ ref('int_ratio_style_weeks') }}
    where followers_per_following is not null
),

ranges as (
    select
        account_key,
        count(*) as week_count,
        min(followers_per_following) as lowest,
        max(followers_per_following) as highest
    from weeks
    where place <= {{ threshold('playbook_ratio_weeks') }}
    group by account_key
)

select
    styles.account_key,
    styles.as_of_date,
    styles.following_count,
    styles.followers_per_following,
    ranges.week_count,
    least(styles.followers_per_following, ranges.lowest) as lowest,
    greatest(styles.followers_per_following, ranges.highest) as highest
from styles
left join ranges on styles.account_key = ranges.account_key
