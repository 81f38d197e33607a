with

-- Days in a row with a net gain each; a missing day ends the row, as its gain is not known.
gains as (
    select
        account_key,
        date,
        sum(net_follow_count) over (partition by account_key order by date rows unbounded preceding) as gained_count,
        {{ days_between("date '2000-01-01'", 'date') }}
        - row_number() over (partition by account_key order by date) as row_of_days
    from {{ ref('int_account_days_reported') }}
    where platform = 'linkedin' and net_follow_count is not null
),

anchors as (
    select gains.account_key, gains.row_of_days, gains.date, snapshots.follower_count - gains.gained_count as level
    from gains
    inner join {{ ref('int_account_snapshots_daily') }} as snapshots
        on gains.account_key = snapshots.account_key and gains.date = snapshots.date
    where snapshots.follower_count is not null
),

-- Backwards from the next total that was read; after the last one forwards from it.
ranked as (
    select
        gains.account_key,
        gains.date,
        gains.gained_count + anchors.level as follower_count,
        anchors.date as anchor_date,
        row_number() over (
            partition by gains.account_key, gains.date
            order by anchors.date < gains.date, abs({{ days_between('anchors.date', 'gains.date') }})
        ) as place
    from gains
    inner join anchors on gains.account_key = anchors.account_key and gains.row_of_days = anchors.row_of_days
)

select account_key, date, cast(follower_count as bigint) as follower_count, anchor_date
from ranked
where place = 1 and date <> anchor_date and follower_count >= 0
