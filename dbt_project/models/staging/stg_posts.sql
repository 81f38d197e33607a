-- One row per post, source and capture.
select
    -- identity
    platform,
    post_id,
    account_id,
    handle,

    -- time
    created_at,
    created_date,
    indexed_at,
    utc_offset_minutes,

    -- content
    text,
    lang,
    post_kind,
    conversation_id,
    in_reply_to_account_id,
    referenced_post_id,
    edit_root_id,
    edit_history_ids,
    link_urls,
    hashtags,
    mentioned_handles,
    media_types,
    availability,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'posts') }}
qualify
    row_number() over (partition by platform, post_id, source, captured_at order by lake_sequence desc) = 1
