-- One row per change of handle.
select
    platform,
    account_id,
    handle,
    previous_handle,
    changed_at,
    source,
    captured_at
from {{ source('raw', 'handle_changes') }}
qualify
    row_number() over (
        partition by platform, account_id, lower(previous_handle), lower(handle), changed_at
        order by lake_sequence desc
    ) = 1
