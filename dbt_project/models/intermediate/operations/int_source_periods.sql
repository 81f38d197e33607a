with

reported as (
    {{ with_account_key('stg_account_daily') }}
),

counted as (
    select distinct source, account_key
    from {{ ref('int_account_snapshot_periods') }}
    where quantity = 'follower_count'
),

periods as (
    -- Where a source reads follower counts, a profile without one is a day without.
    select snapshots.source, snapshots.account_key, snapshots.quantity, snapshots.start_date, snapshots.end_date
    from {{ ref('int_account_snapshot_periods') }} as snapshots
    left join counted on snapshots.source = counted.source and snapshots.account_key = counted.account_key
    where snapshots.quantity = 'follower_count' or counted.source is null
    union all
    select source, account_key, 'posts' as quantity, start_date, end_date
    from {{ ref('int_post_periods_covered') }}
    union all
    select source, account_key, 'daily_figures' as quantity, date as start_date, date as end_date
    from reported
)

{{ joined_periods('periods', ['source', 'account_key', 'quantity']) }}
