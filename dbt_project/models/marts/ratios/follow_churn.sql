with

-- Window 1 has the days of window 0 again, as far as they are settled.
windows as (
    select *
    from {{ ref('int_follow_windows') }}
    where window_number <> 1
),

-- The last window that shows the pattern, else waves, else the last one that can be judged, else the last.
chosen as (
    select *
    from windows
    qualify row_number() over (
        partition by account_key
        order by
            case churn_class when 'pattern' then 1 when 'possible' then 2 when 'none' then 3 else 4 end asc,
            window_number asc
    ) = 1
),

totals as (
    select account_key, count(*) filter (where is_spam_and_cull) as flagged_window_count
    from windows
    group by account_key
),

shares as (
    select
        chosen.*,
        totals.flagged_window_count,
        {{ days_between('chosen.window_start_date', 'chosen.window_end_date') }} + 1 as window_days,
        -- least and greatest pass over a null, which must stay one.
        case
            when followers_gained_per_follow is not null then greatest(0.0, least(1.0, followers_gained_per_follow))
        end as follow_back_share
    from chosen
    inner join totals on chosen.account_key = totals.account_key
)

select
    account_key,
    window_start_date,
    window_end_date,
    captured_day_count,
    case when is_spam_and_cull is not null then cycle_count end as episode_count,
    peak_following_count,
    median_following_count,
    followed_count,
    culled_count as culled_following_count,
    turnover_share,
    sawtooth_index,
    follow_back_share,
    {{ wilson_limit('follow_back_share', 'followed_count', 'low') }} as follow_back_low,
    {{ wilson_limit('follow_back_share', 'followed_count', 'high') }} as follow_back_high,
    followers_gained_per_follow,
    extra_followers_per_follow,
    follower_change_per_cull,
    followers_lost_per_cull,
    typical_up_leg_days,
    platform_event_count,
    flagged_window_count,
    churn_class,
    is_spam_and_cull,
    case
        when churn_class = 'none' then 'no waves seen: ' || cycle_count || ' cycles in ' || window_days || ' days'
        when churn_class is not null
            then case
                when is_spam_and_cull then 'pattern consistent with follow churn: '
                else 'waves that clean-ups, events or following back can also make: '
            end
            || cycle_count || ' cycles in ' || window_days || ' days, ' || followed_count || ' follows and '
|| culled_count || ' unfollows against a median of ' || {{ nearest_whole('median_following_count') }}
            || ' followed'
            || coalesce('; ' || cast(round(100 * followers_gained_per_follow) as bigint)
                || ' new followers per 100 follows', '')
            || coalesce('; ' || cast(round(100 * follower_change_per_cull) as bigint)
                || ' change of followers per 100 unfollows', '')
            || case
                when is_spam_and_cull then ''
                else '; not a pattern, because ' || concat_ws(
                    ' and ',
                    case when not has_enough_cycles then 'there are few cycles' end,
                    case when not is_fast then 'the follows were not dropped within weeks' end,
                    case when not is_led_by_follows then 'its followers came first or left first' end
                )
            end
    end as evidence,
    case when churn_class is not null then 'ok' else 'insufficient_data' end as status,
    case
        when not is_long_enough
            then 'readings over ' || (window_days - 1) || ' days; '
            || cast({{ threshold('churn_days_from') }} as integer) || ' are needed to see monthly cycles'
        when churn_class is null
            then 'readings on ' || captured_day_count || ' of ' || window_days
            || ' days; every second day is needed to see weekly cycles'
    end as status_reason
from shares
