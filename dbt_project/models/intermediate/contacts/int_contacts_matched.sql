with

contacts as (
    select list_id, contact_id, platform, segment, has_consent, handle_hash
    from {{ ref('stg_contacts') }}
),

-- Which platforms have a list of followers at all: without one nobody is known to follow or not to follow.
lists as (
    select platform, max(captured_at) as followers_as_of
    from {{ ref('stg_followers') }}
    group by platform
),

followers as (
    select distinct platform, follower_hash
    from {{ ref('stg_followers') }}
)

select
    contacts.list_id,
    contacts.contact_id,
    contacts.segment,
    contacts.has_consent,
    -- Only who agreed is looked up; the hash of a handle is not even stored without consent.
    coalesce(contacts.has_consent and contacts.handle_hash is not null, false) as is_matched,
    lists.followers_as_of,
    case
        when contacts.has_consent and contacts.handle_hash is not null and lists.followers_as_of is not null
            then followers.follower_hash is not null
    end as is_follower
from contacts
left join lists on contacts.platform = lists.platform
left join followers
    on
        contacts.has_consent
        and contacts.platform = followers.platform
        and contacts.handle_hash = followers.follower_hash
