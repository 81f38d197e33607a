-- Contacts by platform, and by account whose list of followers was read: a row without a handle is of any account of a
-- platform, the row without a platform counts all contacts. Contacts meet nothing here but lists of followers.
with

contacts as (
    select distinct platform, handle_hash
    from {{ ref('stg_contacts') }}
    where has_consent and handle_hash is not null
),

followers as (
    select distinct platform, lower(handle) as handle, follower_hash
    from {{ ref('stg_followers') }}
),

lists as (
    select platform, handle from followers
    union
    select platform, cast(null as string) as handle from contacts
),

matches as (
    select
        lists.platform,
        lists.handle,
        count(contacts.handle_hash) as matched_count,
        -- Without a list of the account's followers nobody is known to follow: not reported, which is not zero.
        case when lists.handle is not null then count(followers.follower_hash) end as follower_count
    from lists
    left join contacts on lists.platform = contacts.platform
    left join followers
        on
            lists.platform = followers.platform
            and lists.handle = followers.handle
            and contacts.handle_hash = followers.follower_hash
    group by lists.platform, lists.handle
)

select platform, handle, matched_count, follower_count, cast(null as bigint) as contact_count
from matches
union all
select
    cast(null as string) as platform,
    cast(null as string) as handle,
    cast(null as bigint) as matched_count,
    cast(null as bigint) as follower_count,
    count(*) as contact_count
from {{ ref('stg_contacts') }}
