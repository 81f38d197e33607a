-- Account x segment dimension: the group it belongs to. Size and style are those of its first week with growth:
-- the present ones are partly a result of the growth that is to be explained.
with

registry as (
    select * from {{ ref('int_accounts_registered') }}
),

first_weeks as (
    select
        account_key,
        min(week_start_date) as week_start_date,
        min_by(follower_count_start, week_start_date) as follower_count
    from {{ ref('int_account_week_growth') }}
    where growth_rate is not null and follower_count_start >= {{ threshold('panel_followers_from') }}
    group by account_key
),

styles as (
    select first_weeks.account_key, int_ratio_style_weeks.ratio_style
    from first_weeks
    inner join {{ ref('int_ratio_style_weeks') }} as int_ratio_style_weeks
        on
            first_weeks.account_key = int_ratio_style_weeks.account_key
            and first_weeks.week_start_date - 7 = int_ratio_style_weeks.week_start_date
),

known as (
    select
        first_weeks.account_key,
        split_part(first_weeks.account_key, ':', 1) as platform,
        {{ size_tier('first_weeks.follower_count') }} as size_tier,
        styles.ratio_style,
        registry.industry,
        registry.customer_focus
    from first_weeks
    left join styles on first_weeks.account_key = styles.account_key
    left join registry on first_weeks.account_key = registry.account_key
)

select account_key, segment_dimension, segment
from known
unpivot (segment for segment_dimension in (platform, size_tier, ratio_style, industry, customer_focus))
