with

-- The last window that shows the pattern, else the last one that can be judged, else the last.
chosen as (
    select *
    from {{ ref('int_follow_windows') }}
    qualify row_number() over (
        partition by account_key
        order by coalesce(is_spam_and_cull, false) desc, is_spam_and_cull is not null desc, window_number asc
    ) = 1
),

totals as (
    select account_key, count(*) filter (where is_spam_and_cull) as flagged_window_count
    from {{ ref('int_follow_windows') }}
    group by account_key
),

measured as (
    select
        chosen.*,
        totals.flagged_window_count,
        {{ divide('follower_change_up', 'followed_count') }} as followers_gained_per_follow,
        {{ divide('follower_change_down', 'culled_count') }} as follower_change_per_cull
    from chosen
    inner join totals on chosen.account_key = totals.account_key
),

shares as (
    select
        measured.*,
        -- least and greatest pass over a null, which must stay one.
        case
            when followers_gained_per_follow is not null then greatest(0.0, least(1.0, followers_gained_per_follow))
        end as follow_back_share
    from measured
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
    follower_change_per_cull,
    platform_event_count,
    flagged_window_count,
    is_spam_and_cull,
    case
        when is_spam_and_cull
            then 'pattern consistent with follow churn: ' || cycle_count || ' cycles in '
            || ({{ days_between('window_start_date', 'window_end_date') }} + 1) || ' days, ' || followed_count
            || ' follows and '
            || culled_count || ' unfollows beside a median of ' || {{ nearest_whole('median_following_count') }}
            || ' followed; ' || cast(round(100 * followers_gained_per_follow) as bigint)
            || ' new followers per 100 follows, ' || cast(round(100 * follower_change_per_cull) as bigint)
            || ' change of followers per 100 unfollows'
        when not is_spam_and_cull
            then 'no pattern of follow churn: ' || cycle_count || ' cycles in '
            || ({{ days_between('window_start_date', 'window_end_date') }} + 1) || ' days'
    end as evidence,
    case when is_spam_and_cull is not null then 'ok' else 'insufficient_data' end as status,
    case
        when not is_long_enough
            then 'readings over ' || {{ days_between('window_start_date', 'window_end_date') }} || ' days; '
            || cast({{ threshold('churn_days_from') }} as integer) || ' are needed to see monthly cycles'
        when is_spam_and_cull is null
            then 'readings on ' || captured_day_count || ' of '
            || ({{ days_between('window_start_date', 'window_end_date') }} + 1)
            || ' days; every second day is needed to see weekly cycles'
    end as status_reason
from shares
