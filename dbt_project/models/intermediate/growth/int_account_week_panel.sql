with

lagged as (
    select * from {{ ref('int_account_week_lagged') }}
),

missing as (
    select
        lagged.*,
        case
            when account_key in (select account_key from {{ ref('int_accounts_bridged') }}) then 'bridged_account'
            when follower_count_end is null then 'no_level_at_week_end'
            when follower_count_start is null then 'no_level_at_previous_week_end'
            when not is_week then 'no_week_between_readings'
            when follower_count_start < {{ threshold('panel_followers_from') }} then 'too_few_followers'
            when growth_rate is null then 'no_followers_left'
            when not is_settled then 'too_recent'
            when not has_posts_covered or not has_posts_covered_before then 'posts_not_covered'
            when growth_lag is null then 'no_earlier_growth'
            when following_change_lag is null then 'no_earlier_following'
            when is_spam_and_cull_week then 'spam_and_cull'
            when
                quality_basis is null
                or (adjusted_quality is null and not is_silent)
                or (quality_lag is null and not is_silent_before)
                then 'no_quality_measure'
        end as missing_reason
    from lagged
),

judged as (
    select
        missing.*,
        coalesce(
            missing_reason,
            case
                when
                    count(*) filter (where missing_reason is null and not is_purge_week) over (
                        partition by account_key
                    ) < {{ threshold('panel_weeks_from') }}
                    then 'too_few_weeks'
                when is_purge_week then 'purge_week'
            end
        ) as exclusion_reason
    from missing
),

middles as (
    select account_key, median(growth_rate) as middle
    from judged
    where exclusion_reason is null
    group by account_key
),

limits as (
    select
        judged.account_key,
        any_value(middles.middle) as middle,
        median(abs(judged.growth_rate - middles.middle)) as deviation
    from judged
    inner join middles on judged.account_key = middles.account_key
    where judged.exclusion_reason is null
    group by judged.account_key
)

select
    judged.account_key,
    judged.week_start_date,
    judged.reading_start_at,
    judged.reading_end_at,
    judged.day_count,
    judged.follower_count_start,
    judged.follower_count_end,
    judged.growth_rate,
    -- An account that hardly ever moves has no deviation to measure by and keeps its growth.
    round(
        case
            when limits.deviation > 0 then greatest(
                limits.middle - {{ threshold('winsor_deviations') }} * limits.deviation,
                least(limits.middle + {{ threshold('winsor_deviations') }} * limits.deviation, judged.growth_rate)
            )
            else judged.growth_rate
        end,
        12
    ) as winsorised_growth_rate,
    judged.new_follow_count,
    judged.coverage_share,
    judged.post_count,
    judged.original_post_count,
    judged.link_post_count,
    judged.posts_per_week,
    judged.originals_per_week,
    judged.following_change,
    judged.quality_basis,
    judged.age_basis,
    judged.measured_quality,
    judged.quality,
    judged.quality_reliability,
    round(judged.adjusted_quality, 10) as quality_same,
    round(judged.quality_lag, 10) as quality_lag,
    round(judged.quality_lead, 10) as quality_lead,
    judged.is_silent as is_silent_same,
    judged.is_silent_before as is_silent_lag,
    judged.is_silent_after as is_silent_lead,
    judged.volume as volume_same,
    judged.volume_lag,
    {{ nearest_whole('judged.originals_per_week_lag') }} as original_post_count_lag,
    judged.following_change_lag,
    round(judged.log_follower_count_start, 12) as follower_level_lag,
    judged.growth_lag,
    judged.is_purge_week,
    judged.is_spam_and_cull_week,
    judged.exclusion_reason is null as is_in_panel,
    -- Weeks that only lack a measure of quality still show how growth is linked to volume.
    coalesce(judged.exclusion_reason, 'no_quality_measure') = 'no_quality_measure'
    and not judged.is_purge_week as is_in_volume_panel,
    judged.exclusion_reason
from judged
left join limits on judged.account_key = limits.account_key
