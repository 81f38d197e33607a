with

days as (
    select
        account_key,
        window_number,
        min(date) as window_start_date,
        max(date) as window_end_date,
        count(*) as captured_day_count,
        median(following_count) as median_following_count,
        max(following_count) as peak_following_count,
        -- A window whose changes are known and never negative has culled nobody: a real zero.
        sum(case when following_change > 0 then following_change when following_change <= 0 then 0 end)::bigint
            as followed_count,
        sum(case when following_change < 0 then -following_change when following_change >= 0 then 0 end)::bigint
            as culled_count,
        count(*) filter (where is_platform_event) as platform_event_count
    from {{ all_windows('int_follow_days') }}
    group by account_key, window_number
),

legs as (
    select
        account_key,
        window_number,
        count(*) filter (where is_cycle_end) as cycle_count,
        min(previous_start_date) filter (where is_cycle_end) as first_cycle_start_date,
        min(end_date) filter (where is_cycle_end) as first_cycle_end_date,
        sum(following_change) filter (where is_up)::bigint as up_leg_change,
        -sum(following_change) filter (where not is_up)::bigint as down_leg_change,
        sum(follower_change) filter (where is_up)::bigint as follower_change_up,
        sum(follower_change) filter (where not is_up)::bigint as follower_change_down,
        sum(day_count) filter (where is_up)::bigint as up_day_count,
        sum(day_count) filter (where not is_up)::bigint as down_day_count,
        median(previous_leg_days) filter (where is_cycle_end) as typical_up_leg_days,
        sum(follower_fall) filter (where is_cycle_end)::bigint as cycle_follower_fall,
        -sum(following_change) filter (where is_cycle_end)::bigint as cycle_culled_count
    from {{ all_windows('int_follow_legs') }}
    group by account_key, window_number
),

measured as (
    select
        days.*,
        -- A window without any leg has no cycle: a real zero.
        {{ zero_if_no_row('legs.account_key', 'legs.cycle_count') }} as cycle_count,
        legs.first_cycle_start_date,
        legs.first_cycle_end_date,
        legs.up_leg_change,
        legs.down_leg_change,
        legs.follower_change_up,
        legs.follower_change_down,
        legs.typical_up_leg_days,
        {{ divide('legs.follower_change_up', 'days.followed_count') }} as followers_gained_per_follow,
        {{ divide('legs.follower_change_down', 'days.culled_count') }} as follower_change_per_cull,
        -- Followers that come without any follows come in the legs down too.
        {{ divide(
            'legs.follower_change_up - legs.up_day_count * '
            ~ divide('legs.follower_change_down', 'legs.down_day_count'), 'days.followed_count'
        ) }} as extra_followers_per_follow,
        {{ divide('legs.cycle_follower_fall', 'legs.cycle_culled_count') }} as followers_lost_per_cull,
        {{ divide('least(days.followed_count, days.culled_count)', 'days.median_following_count') }} as turnover_share,
        1 - {{ divide(
            'abs(days.followed_count - days.culled_count)', '(days.followed_count + days.culled_count)'
        ) }} as sawtooth_index,
        {{ days_between('days.window_start_date', 'days.window_end_date') }} >= {{ threshold('churn_days_from') }}
            as is_long_enough,
        {{ divide('days.captured_day_count', days_between('days.window_start_date', 'days.window_end_date') ~ ' + 1') }}
        >= {{ threshold('churn_day_share_from') }} as is_well_covered
    from days
    left join legs on days.account_key = legs.account_key and days.window_number = legs.window_number
),

judged as (
    select
        measured.*,
        coalesce(
            cycle_count >= {{ threshold('churn_cycles_from') }}
            and turnover_share >= {{ threshold('churn_turnover_from') }}
            and sawtooth_index >= {{ threshold('churn_sawtooth_from') }}
            and least(up_leg_change, down_leg_change) >= {{ threshold('churn_volume_from') }},
            false
        ) as has_waves,
        -- Clean-ups and events come now and then; who follows back by rule gains before it follows and loses before it
        -- drops.
        coalesce(
            cycle_count >= {{ threshold('churn_pattern_cycles_from') }}
            and {{ divide(days_between('window_start_date', 'window_end_date') ~ ' + 1', 'cycle_count') }}
            <= {{ threshold('churn_days_per_cycle_to') }},
            false
        ) as has_enough_cycles,
        coalesce(typical_up_leg_days <= {{ threshold('churn_up_leg_days_to') }}, false) as is_fast,
        coalesce(
            extra_followers_per_follow < {{ threshold('churn_gained_per_follow_below') }}
            and follower_change_per_cull > {{ threshold('churn_change_per_cull_above') }}
            and followers_lost_per_cull < {{ threshold('churn_lost_per_cull_below') }},
            false
        ) as is_led_by_follows
    from measured
),

classed as (
    select
        judged.*,
        case
            when not is_long_enough then null
            when has_waves and has_enough_cycles and is_fast and is_led_by_follows then 'pattern'
            when has_waves then 'possible'
            -- Waves that show through gaps are there; none in a history with many gaps may only be unseen.
            when is_well_covered then 'none'
        end as churn_class
    from judged
)

select
    classed.*,
    churn_class = 'pattern' as is_spam_and_cull
from classed
