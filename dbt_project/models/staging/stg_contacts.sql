-- The contacts of each list as it stands now: every reading of a list replaces the one before.
select
    platform,
    list_id,
    contact_id,
    segment,
    since_date,
    has_consent,
    email_hash,
    handle_hash,
    captured_at
from {{ source('raw', 'contacts') }}
qualify lake_sequence = max(lake_sequence) over (partition by list_id)
