-- The registry as it stands now: every read of accounts.csv replaces the one before.
select
    platform,
    account_id,
    handle,
    name,
    industry,
    company_size,
    customer_focus,
    is_own,
    since_date,
    notes,
    nullif(trim({{ json_text('payload', "'$.company'") }}), '') as company,
    nullif(trim({{ json_text('payload', "'$.peer_group'") }}), '') as peer_group,
    captured_at
from {{ source('raw', 'account_registry') }}
qualify lake_sequence = max(lake_sequence) over ()
