with

sightings as (
    select platform, handle, account_id, captured_at as seen_at, created_at
    from {{ ref('stg_account_snapshots_new') }}
    union all
    select platform, handle, account_id, captured_at, cast(null as {{ type_utc_time() }}) as created_at
    from {{ ref('stg_posts_new') }}
    union all
    select platform, handle, account_id, changed_at, cast(null as {{ type_utc_time() }}) as created_at
    from {{ ref('stg_handle_changes') }}
    union all
    -- The old handle was held up to the change, if the source knows when that was and not only when it was noticed.
    select
        platform,
        previous_handle,
        account_id,
        changed_at - interval 1 microsecond as seen_at,
        cast(null as {{ type_utc_time() }}) as created_at
    from {{ ref('stg_handle_changes') }}
    where changed_at < captured_at
    {%- if is_incremental_run() %}
    union all
    select platform, handle_key, account_id, first_seen_at, created_at
    from {{ this }}
    union all
    select platform, handle_key, account_id, last_seen_at, created_at
    from {{ this }}
    {%- endif %}
),

known as (
    select
        platform,
        lower(handle) as handle_key,
        account_id,
        seen_at,
        created_at
    from sightings
    where handle is not null and account_id is not null
),

pairs as (
    select
        platform,
        handle_key,
        account_id,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at,
        min(created_at) as created_at,
        count(*) over (partition by platform, handle_key) as account_count,
        count(*) over (partition by platform, account_id) as handle_count
    from known
    group by platform, handle_key, account_id
),

-- Nearly every account has one handle and every handle one account: only the others are looked at reading by reading.
contested as (
    select known.platform, known.handle_key, known.account_id, known.seen_at, min(known.created_at) as created_at
    from known
    inner join pairs
        on
            known.platform = pairs.platform
            and known.handle_key = pairs.handle_key
            and known.account_id = pairs.account_id
    where pairs.account_count > 1 or pairs.handle_count > 1
    group by known.platform, known.handle_key, known.account_id, known.seen_at
),

compared as (
    select
        contested.*,
        lag(account_id) over (partition by platform, handle_key order by seen_at, account_id) as account_id_before,
        lag(handle_key) over (partition by platform, account_id order by seen_at, handle_key) as handle_key_before
    from contested
),

numbered as (
    select
        compared.*,
        count(*) filter (
            where account_id_before is distinct from account_id or handle_key_before is distinct from handle_key
        ) over (
            partition by platform, handle_key, account_id order by seen_at rows unbounded preceding
        ) as run_number
    from compared
)

select platform, handle_key, account_id, first_seen_at, last_seen_at, created_at
from pairs
where account_count = 1 and handle_count = 1
union all
select
    platform,
    handle_key,
    account_id,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    min(created_at) as created_at
from numbered
group by platform, handle_key, account_id, run_number
