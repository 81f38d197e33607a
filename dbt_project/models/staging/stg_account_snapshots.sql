-- One row per account and capture; a record that came twice is kept once.
select
    -- identity
    platform,
    account_id,
    handle,
    captured_at,
    cast(captured_at as date) as captured_date,

    -- profile
    name,
    created_at,
    description,
    location,
    url,
    is_verified,
    verified_type,
    is_protected,

    -- counts
    follower_count,
    following_count,
    post_count,
    listed_count,
    liked_count,
    media_count,

    -- status
    status,
    status_detail,

    -- provenance
    source,
    run_id,
    lake_sequence
from {{ source('raw', 'accounts') }}
qualify
    row_number() over (
        -- Plain columns: an expression among them doubles the time of this model.
        partition by platform, account_id, handle, captured_at, source
        order by lake_sequence desc
    ) = 1
