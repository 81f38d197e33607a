-- Rows of post metrics that came since the build before, as they came; all of them in a full build.
select
    platform,
    post_id,
    account_id,
    handle,
    source,
    captured_at,
    period_start_date,
    period_end_date
from {{ source('raw', 'post_metrics') }}
where {{ is_new_row() }}
