{%- set start_of_time = start_of_time() %}
{%- set end_of_time = end_of_time() %}
with

runs as (
    select
        sightings.*,
        lag(handle_key) over of_account as handle_key_before,
        lag(last_seen_at) over of_account as elsewhere_until,
        lead(handle_key) over of_account as handle_key_after,
        lead(first_seen_at) over of_account as elsewhere_from,
        min(created_at) over (partition by platform, account_id) as account_created_at
    from {{ ref('int_account_sightings') }} as sightings
    window of_account as (partition by platform, account_id order by first_seen_at, handle_key)
),

-- An account can have held the handle from when it existed, while it was seen under no other.
limited as (
    select
        platform,
        handle_key,
        account_id,
        first_seen_at as seen_from,
        last_seen_at + interval 1 microsecond as seen_to,
        first_seen_at = last_seen_at as is_one_reading,
        least(greatest(
            coalesce(account_created_at, {{ start_of_time }}),
            case
                when handle_key_before <> handle_key then elsewhere_until + interval 1 microsecond
                else {{ start_of_time }}
            end
        ), first_seen_at) as possible_from,
        case when handle_key_after <> handle_key then elsewhere_from else {{ end_of_time }} end as possible_to
    from runs
),

ordered as (
    select
        limited.*,
        lag(seen_to) over of_handle as seen_to_before,
        lead(seen_from) over of_handle as seen_from_after
    from limited
    window of_handle as (partition by platform, handle_key order by seen_from, seen_to, account_id)
),

-- Two accounts under one handle at the same moment: nobody can say which of them it means.
tied as (
    select
        ordered.*,
        coalesce(seen_to_before > seen_from, false) as is_tied_with_before,
        coalesce(seen_from_after < seen_to, false) as is_tied_with_after
    from ordered
)

select
    platform,
    handle_key,
    account_id,
    seen_from,
    seen_to,
    possible_from,
    possible_to,
    seen_to_before,
    seen_from_after,
    is_tied_with_after,
    is_tied_with_before or (is_one_reading and is_tied_with_after) as is_tied_at_start,
    is_tied_with_after or (is_one_reading and is_tied_with_before) as is_tied_at_end
from tied
