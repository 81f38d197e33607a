-- Account snapshots that came since the build before, as they came; all of them in a full build.
select
    platform,
    account_id,
    handle,
    source,
    captured_at,
    cast(captured_at as date) as captured_date,
    created_at,
    follower_count,
    status
from {{ source('raw', 'accounts') }}
where {{ is_new_row() }}
