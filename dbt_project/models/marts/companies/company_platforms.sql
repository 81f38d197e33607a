with

worded as (
    select
        readiness.*,
        case
            when is_growth_enough then ''
            when follower_count is null then 'no follower count was reported'
            when read_week_count = 0 and follower_count = 0 then 'no followers at the last reading'
            when read_week_count = 0
                then {{ quoted("no two readings a week apart in the company's last twelve weeks; last read on ") }}
                || cast(last_captured_at as date)
            when week_count = 0
                then 'under ' || cast({{ threshold('panel_followers_from') }} as integer)
                || ' followers: single people would move the rate; see follower_change'
            else 'growth: ' || week_count || ' of ' || weeks_from || ' weeks; '
                || coalesce('enough about ' || growth_date, 'last read on ' || change_end_date)
        end as growth_reason,
        case
            when is_engagement_enough then ''
            when measured_post_count = 0
                then {{ quoted("reactions: no own post read a week after posting in the company's last twelve weeks") }}
            when post_count = 0 then 'reactions: no follower count near the days of the posts'
            else 'reactions: ' || post_count || ' of ' || posts_from || ' posts, ' || post_week_count || ' of '
                || weeks_from || ' weeks with one; '
                || coalesce('enough about ' || engagement_date, 'none since the week of ' || last_week_start_date)
        end as engagement_reason
    from {{ ref('int_company_readiness') }} as readiness
)

select
    company,
    platform,
    account_key,
    is_own,
    platform_count,
    account_count,
    follower_count,
    case
        when platform_count > 1
            then 'Not a share of a total: the same people may follow on several platforms'
        else 'The only platform with an account of this company in accounts.csv'
    end
    || case
        when account_count > 1 then '; the largest of ' || account_count || ' accounts on this platform' else ''
    end as follower_share_note,
    follower_change,
    change_start_date,
    change_end_date,
    case when is_growth_enough then growth_rate end as weekly_growth_rate,
    case when is_growth_enough then growth_rate_low end as growth_rate_low,
    case when is_growth_enough then growth_rate_high end as growth_rate_high,
    week_count,
    posts_per_week,
    case when is_engagement_enough then engagement_per_1000_followers end as engagement_per_1000_followers,
    case when is_engagement_enough then per_1000_followers_low end as per_1000_followers_low,
    case when is_engagement_enough then per_1000_followers_high end as per_1000_followers_high,
    post_count,
    post_week_count,
    age_basis as engagement_basis,
    {{ comparability_note('platform', 'age_basis') }} as engagement_note,
    first_captured_at,
    last_captured_at,
    case when is_growth_enough then 'ok' else 'insufficient_data' end as growth_status,
    case when is_engagement_enough then 'ok' else 'insufficient_data' end as engagement_status,
    greatest(growth_date, engagement_date) as expected_answer_date,
    case when is_growth_enough and is_engagement_enough then 'ok' else 'insufficient_data' end as status,
    growth_reason || case when growth_reason <> '' and engagement_reason <> '' then '; ' else '' end
    || engagement_reason as status_reason
from worded
