-- Company x platform x ISO week with growth; on LinkedIn from derived counts where no two totals were read.
with

derived as (
    select account_key, date, follower_count
    from {{ ref('int_account_followers_derived') }}
),

derived_levels as (
    select account_key, date, follower_count from derived
    union all
    select snapshots.account_key, snapshots.date, snapshots.follower_count
    from {{ ref('int_account_snapshots_daily') }} as snapshots
    where
        snapshots.follower_count is not null
        and snapshots.account_key in (select derived.account_key from derived)
),

sundays as (
    select account_key, date, follower_count
    from derived_levels
    where date = {{ iso_week('date') }} + 6
),

weeks as (
    select
        account_key,
        week_start_date,
        cast(reading_start_at as date) as start_date,
        cast(reading_end_at as date) as end_date,
        follower_count_start,
        follower_count_end,
        growth_rate,
        1 as preference
    from {{ ref('int_account_week_intervals') }}
    where growth_rate is not null
    union all
    select
        ends.account_key,
        ends.date - 6 as week_start_date,
        starts.date as start_date,
        ends.date as end_date,
        starts.follower_count as follower_count_start,
        ends.follower_count as follower_count_end,
        round(ln({{ divide('nullif(ends.follower_count, 0)', 'starts.follower_count') }}), 12) as growth_rate,
        2 as preference
    from sundays as ends
    inner join sundays as starts on ends.account_key = starts.account_key and ends.date - 7 = starts.date
    where ends.follower_count > 0 and starts.follower_count > 0
),

chosen as (
    select *
    from weeks
    qualify row_number() over (partition by account_key, week_start_date order by preference) = 1
)

select
    platforms.company_key,
    platforms.platform,
    platforms.account_key,
    chosen.week_start_date,
    chosen.start_date,
    chosen.end_date,
    chosen.follower_count_start,
    chosen.follower_count_end,
    chosen.growth_rate,
    chosen.follower_count_start >= {{ threshold('panel_followers_from') }} as is_large_enough,
    -- The same weeks for all platforms of the company: the last ones that any of them has.
    chosen.week_start_date
    > max(chosen.week_start_date) over (partition by platforms.company_key)
    - 7 * cast({{ threshold('growth_window_weeks') }} as integer) as is_recent
from chosen
inner join {{ ref('int_company_platforms') }} as platforms on chosen.account_key = platforms.account_key
