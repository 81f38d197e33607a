-- Which account a handle means: the id that was last seen under it.
with

sightings as (
    select platform, handle, account_id, captured_at as seen_at
    from {{ ref('stg_account_snapshots') }}
    union all
    select platform, handle, account_id, captured_at
    from {{ ref('stg_account_registry') }}
    union all
    select platform, handle, account_id, captured_at
    from {{ ref('stg_posts') }}
    union all
    select platform, handle, account_id, changed_at
    from {{ ref('stg_handle_changes') }}
    union all
    -- The handle that was given up still means this account, until somebody else is seen under it.
    select platform, previous_handle, account_id, changed_at
    from {{ ref('stg_handle_changes') }}
)

select
    platform,
    lower(handle) as handle_key,
    max_by(account_id, seen_at) as account_id
from sightings
where handle is not null and account_id is not null
group by platform, handle_key
