-- Handle x stretch of time x the account that the handle means then: between two readings the account that was last
-- seen under it, until it is seen elsewhere; before the first reading the first account.
{%- set start_of_time = start_of_time() %}
{%- set end_of_time = end_of_time() %}
with

holders as (
    select
        holders.*,
        case when not is_tied_at_end then account_id end as last_id,
        case when not is_tied_at_start then account_id end as first_id
    from {{ ref('int_account_holders') }} as holders
),

next_holders as (
    select
        holders.*,
        lead(first_id) over of_handle as first_id_after,
        lead(possible_from) over of_handle as possible_from_after,
        lead(is_tied_at_start) over of_handle as is_tied_after
    from holders
    window of_handle as (partition by platform, handle_key order by seen_from, seen_to, account_id)
),

-- Each stretch without a reading, with the account before it and the one after it, and how long each can be meant.
gaps as (
    select
        platform,
        handle_key,
        last_id as left_id,
        case when seen_from_after is null then last_id else first_id_after end as right_id,
        seen_to as gap_from,
        coalesce(seen_from_after, {{ end_of_time }}) as gap_to,
        case
            when is_tied_at_end then coalesce(seen_from_after, {{ end_of_time }})
            else greatest(least(possible_to, coalesce(seen_from_after, {{ end_of_time }})), seen_to)
        end as left_to,
        case
            when is_tied_after then seen_to
            else greatest(coalesce(possible_from_after, {{ end_of_time }}), seen_to)
        end as right_from
    from next_holders
    union all
    select
        platform,
        handle_key,
        first_id as left_id,
        first_id as right_id,
        {{ start_of_time }} as gap_from,
        seen_from as gap_to,
        {{ start_of_time }} as left_to,
        possible_from as right_from
    from holders
    where seen_to_before is null
),

-- Where both can be meant, the half that is nearer to the reading of the earlier one is its own.
divided as (
    select
        gaps.*,
        (left_id is distinct from right_id) and right_from < left_to as is_contested,
        case
            when (left_id is distinct from right_id) and right_from < left_to
                then greatest(right_from, {{ middle_time('gap_from', 'left_to') }})
            else left_to
        end as sure_to,
        greatest(left_to, right_from) as next_from
    from gaps
    where gap_from < gap_to
),

stretches as (
    select
        platform,
        handle_key,
        account_id,
        true as is_held,
        greatest(seen_from, coalesce(seen_to_before, seen_from)) as valid_from,
        least(seen_to, coalesce(seen_from_after, seen_to)) as valid_to
    from holders
    union all
    select distinct platform, handle_key, cast(null as string) as account_id, true as is_held, seen_from_after, seen_to
    from holders
    where is_tied_with_after
    union all
    select platform, handle_key, left_id, true as is_held, gap_from, sure_to
    from divided
    union all
    select
        platform,
        handle_key,
        case when not is_contested then right_id end as account_id,
        is_contested,
        sure_to,
        next_from
    from divided
    union all
    select platform, handle_key, right_id, true as is_held, next_from, gap_to
    from divided
    union all
    select
        platform,
        handle_key,
        account_id,
        true as is_held,
        {{ start_of_time }} as valid_from,
        {{ end_of_time }} as valid_to
    from {{ ref('int_account_handles_registered') }}
)

select platform, handle_key, account_id, is_held, valid_from, valid_to
from stretches
where valid_from < valid_to
