-- Which account a handle means: the id that was last seen under it.
{%- set before = as_left_before('intermediate', 'int_account_identities') %}
with

sightings as (
    select platform, handle, account_id, captured_at as seen_at
    from {{ ref('stg_account_snapshots_arrived') }}
    union all
    select platform, handle, account_id, captured_at
    from {{ ref('stg_account_registry') }}
    union all
    select platform, handle, account_id, captured_at
    from {{ ref('stg_posts_arrived') }}
    union all
    select platform, handle, account_id, changed_at
    from {{ ref('stg_handle_changes') }}
    union all
    -- The handle that was given up still means this account, until somebody else is seen under it.
    select platform, previous_handle, account_id, changed_at
    from {{ ref('stg_handle_changes') }}
    {%- if before %}
    union all
    select platform, handle_key, account_id, seen_at
    from {{ before }}
    {%- endif %}
)

select
    platform,
    lower(handle) as handle_key,
    -- Of two ids at one moment the greater, so that the order of rows cannot show.
    max_by(account_id, (seen_at, account_id)) as account_id,
    max(seen_at) as seen_at
from sightings
where handle is not null and account_id is not null
group by platform, handle_key
