-- Rows of posts that came since the build before, as they came; all of them in a full build.
select
    platform,
    post_id,
    account_id,
    handle,
    source,
    created_at,
    indexed_at,
    captured_at,
    edit_history_ids
from {{ source('raw', 'posts') }}
where {{ is_new_row() }}
