{{ incremental_by_changed_keys('int_account_day_rows_changed', ['account_key', 'date']) }}
with

snapshots as (
    select account_key, date, follower_count, following_count, post_count
    from {{ ref('int_account_snapshots_daily') }} as int_account_snapshots_daily
    where {{ in_changed_range('int_account_day_rows_changed', 'read_date', 'int_account_snapshots_daily.date') }}
),

reported as (
    select account_key, date, new_follow_count, unfollow_count, net_follow_count
    from {{ ref('int_account_days_reported') }}
),

levels as (
    select account_key, date, follower_count, false as is_derived
    from snapshots
    where follower_count is not null
    union all
    select account_key, date, follower_count, true as is_derived
    from {{ ref('int_account_followers_derived') }}
),

-- Every day between the first and the last is a row, so that a missed day shows as a gap.
{%- if is_incremental() %}
days as (
    select distinct account_key, date
    from {{ ref('int_account_day_rows_changed') }}
),

-- The last reading before the days that are rebuilt.
carried as (
    select account_key, date - days_since_capture as captured_date
    from {{ this }} as before
    where
        (account_key, date) in (
            select
                account_key,
                min(read_date) as first_read_date
            from {{ ref('int_account_day_rows_changed') }}
            group by account_key
        )
        and {{ in_changed_range('int_account_day_rows_changed', 'read_date', 'before.date') }}
),
{%- else %}
ranges as (
    select account_key, min(date) as first_date, max(date) as last_date
    from (
        select account_key, date from snapshots
        union all
        select account_key, date from reported
    )
    group by account_key
),

days as (
    select
        account_key,
        {{ each_day('first_date', 'last_date') }} as date
    from ranges
),

carried as (
    select account_key, cast(null as date) as captured_date
    from ranges
    where false
),
{%- endif %}

joined as (
    select
        days.account_key,
        days.date,
        levels.follower_count,
        levels.is_derived as is_follower_count_derived,
        snapshots.following_count,
        snapshots.post_count,
        levels.follower_count - levels_before.follower_count as follower_change,
        snapshots.following_count - yesterday.following_count as following_change,
        reported.new_follow_count,
        reported.unfollow_count,
        reported.net_follow_count,
        snapshots.account_key is not null as is_captured,
        case when snapshots.account_key is not null then days.date end as captured_date,
        carried.captured_date as carried_date
    from days
    left join snapshots on days.account_key = snapshots.account_key and days.date = snapshots.date
    left join levels on days.account_key = levels.account_key and days.date = levels.date
    left join levels as levels_before
        on days.account_key = levels_before.account_key and days.date - 1 = levels_before.date
    left join snapshots as yesterday
        on days.account_key = yesterday.account_key and days.date - 1 = yesterday.date
    left join reported on days.account_key = reported.account_key and days.date = reported.date
    left join carried on days.account_key = carried.account_key
)

select
    account_key,
    date,
    follower_count,
    following_count,
    post_count,
    follower_change,
    following_change,
    new_follow_count,
    unfollow_count,
    net_follow_count,
    is_follower_count_derived,
    is_captured,
    cast(
        {{ days_between(
            'coalesce(max(captured_date) over (partition by account_key order by date rows unbounded preceding), '
            ~ 'carried_date)', 'date'
        ) }} as integer
    ) as days_since_capture
from joined
order by date, account_key
