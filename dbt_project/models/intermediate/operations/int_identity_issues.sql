with

snapshots as (
    {{ with_account_key('stg_account_snapshots') }}
),

posts as (
    {{ with_account_key('stg_posts') }}
),

days as (
    {{ with_account_key('stg_account_daily') }}
),

readings as (
    select account_key, platform, account_id, handle, source, run_id, captured_at from snapshots
    union all
    select account_key, platform, account_id, handle, source, run_id, captured_at from posts
    union all
    select account_key, platform, account_id, handle, source, run_id, captured_at from days
),

unclaimed as (
    select
        platform,
        lower(handle) as handle_key,
        source,
        count(*) as reading_count,
        min(cast(captured_at as date)) as first_date,
        max(cast(captured_at as date)) as last_date,
        max(captured_at) as captured_at,
        max(run_id) as run_id
    from readings
    where account_id is null and account_key = platform || ':@' || lower(handle)
    group by platform, lower(handle), source
),

seen as (
    select distinct platform, handle_key, account_id
    from {{ ref('int_account_sightings') }}
),

accounts as (
    select
        platform,
        handle_key,
        {{ joined_texts('account_id', 'account_id', 'account_id is not null') }} as account_ids
    from seen
    group by platform, handle_key
)

select
    unclaimed.run_id,
    unclaimed.source,
    'account @' || unclaimed.handle_key as subject,
    'handle_of_another_account' as problem,
    unclaimed.reading_count || case when unclaimed.reading_count = 1 then ' row' else ' rows' end
    || ' dated ' || unclaimed.first_date
    || case when unclaimed.last_date > unclaimed.first_date then ' to ' || unclaimed.last_date else '' end
    || case when unclaimed.reading_count = 1 then ' gives' else ' give' end
    || ' the handle without an id. It was seen with ' || accounts.account_ids
    || ', but which account held it then is not known: '
    || case when unclaimed.reading_count = 1 then 'the row is kept under ' else 'the rows are kept under ' end
    || unclaimed.platform || ':@' || unclaimed.handle_key as detail,
    'add the account id to the rows of the file, then run: tweetbench ingest FILE' as next_step,
    unclaimed.captured_at,
    unclaimed.reading_count as line_count
from unclaimed
inner join accounts on unclaimed.platform = accounts.platform and unclaimed.handle_key = accounts.handle_key
