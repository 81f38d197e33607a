with

exports as (
    {{ with_account_key('stg_post_metrics_new') }}
),

timelines as (
    {{ with_account_key('stg_posts_new') }}
),

seen as (
    select distinct
        source,
        account_key,
        true as is_stated,
        period_start_date as start_date,
        period_end_date as end_date
    from exports
    where period_start_date is not null
    union all
    select
        source,
        account_key,
        false as is_stated,
        -- An imported post says nothing of the days between its own and the import.
        min(cast(coalesce(indexed_at, created_at) as date)) as start_date,
        max(cast(captured_at as date)) as end_date
    from timelines
    where created_at is not null
    group by source, account_key
    {%- if is_incremental_run() %}
    union all
    select source, account_key, is_stated, start_date, end_date from {{ this }}
    {%- endif %}
)

select
    source,
    account_key,
    is_stated,
    start_date,
    max(end_date) as end_date
from seen
where is_stated
group by source, account_key, is_stated, start_date
union all
select
    source,
    account_key,
    is_stated,
    min(start_date) as start_date,
    max(end_date) as end_date
from seen
where not is_stated
group by source, account_key, is_stated
