-- The followers of each own account as the newest list has them.
select
    platform,
    handle,
    follower_hash,
    captured_at
from {{ source('raw', 'followers') }}
qualify lake_sequence = max(lake_sequence) over (partition by platform, handle)
