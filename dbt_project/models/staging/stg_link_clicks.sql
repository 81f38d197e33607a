-- One row per link, time bucket, referring domain and source, from the newest reading.
select
    -- identity
    link_id,
    long_url,

    -- bucket
    bucket_start_at,
    cast(bucket_start_at as date) as bucket_date,
    bucket_unit,
    referrer,

    -- metrics
    click_count,

    -- provenance
    source,
    captured_at,
    run_id,
    lake_sequence
from {{ source('raw', 'link_clicks') }}
qualify
    row_number() over (
        partition by link_id, bucket_start_at, bucket_unit, referrer, source
        order by captured_at desc, lake_sequence desc
    ) = 1
