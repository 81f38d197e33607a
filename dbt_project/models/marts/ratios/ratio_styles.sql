with

styles as (
    select * from {{ ref('int_ratio_styles') }}
),

confirmations as (
    select
        account_key,
        week_start_date,
        run_start_date,
        confirmed_ratio_style,
        coalesce(
            confirmed_ratio_style <> lag(confirmed_ratio_style) over (
                partition by account_key order by week_start_date
            ),
            true
        ) as is_change
    from {{ ref('int_ratio_style_weeks') }}
    where confirmed_ratio_style is not null
),

histories as (
    select
        account_key,
        max_by(confirmed_ratio_style, week_start_date) as confirmed_ratio_style,
        max_by(run_start_date, week_start_date) filter (where is_change) as ratio_style_since_date,
        -- The first confirmation is no change.
        count(*) filter (where is_change) - 1 as ratio_style_change_count
    from confirmations
    group by account_key
)

select
    styles.account_key,
    styles.as_of_date,
    styles.follower_count,
    styles.following_count,
    styles.followers_per_following,
    styles.log_ratio,
    styles.ratio_style,
    histories.confirmed_ratio_style,
    styles.size_tier,
    histories.ratio_style_since_date,
    histories.ratio_style_change_count,
    styles.is_follow_limited,
    styles.is_newer,
    case
        when styles.ratio_style <> 'interpersonal' then null
        when
            not styles.is_follow_limited
            and reciprocity.week_count >= {{ threshold('reciprocity_weeks_from') }}
            and reciprocity.slope
            between {{ threshold('reciprocity_slope_from') }} and {{ threshold('reciprocity_slope_to') }}
            and reciprocity.r2 >= {{ threshold('reciprocity_r2_from') }}
            then 'interpersonal_confirmed'
        else 'ratio_only'
    end as reciprocity,
    reciprocity.slope as reciprocity_slope,
    reciprocity.r2 as reciprocity_r2,
    reciprocity.week_count as reciprocity_week_count,
    1000 * engagements.rate as engagement_per_1000_followers,
    1000 * engagements.conf_low as per_1000_followers_low,
    1000 * engagements.conf_high as per_1000_followers_high,
    engagements.post_count as engagement_post_count
from styles
left join histories on styles.account_key = histories.account_key
left join {{ ref('int_ratio_reciprocity') }} as reciprocity on styles.account_key = reciprocity.account_key
left join {{ ref('int_engagement_estimates') }} as engagements
    on styles.account_key = engagements.account_key and engagements.basis = 'follower'
