-- Source x account x day that a source of posts covers: a day without posts inside it is a real zero, outside it a gap.
with

-- An export states the period it covers.
exports as (
    {{ with_account_key('stg_post_metrics') }}
),

export_periods as (
    select source, account_key, period_start_date as start_date, period_end_date as end_date
    from exports
    where period_start_date is not null
    group by source, account_key, period_start_date, period_end_date
),

-- Other sources read whole timelines: from the oldest post they delivered to the day of the reading.
timelines as (
    {{ with_account_key('stg_posts') }}
),

timeline_periods as (
    select
        source,
        account_key,
        min(cast(created_at as date)) as start_date,
        max(cast(captured_at as date)) as end_date
    from timelines
    where
        created_at is not null
        and source not in (select export_periods.source from export_periods)
    group by source, account_key
),

periods as (
    select source, account_key, start_date, end_date from export_periods
    union all
    select source, account_key, start_date, end_date from timeline_periods
)

select distinct
    source,
    account_key,
    {{ each_day('start_date', 'end_date') }} as date
from periods
