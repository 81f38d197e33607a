-- Own account: how many contacts agreed and gave a handle on its platform, and how many of them follow this account.
with

own as (
    select account_key, platform, lower(handle) as handle
    from {{ ref('accounts') }}
    where is_own and not is_bridged
),

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
    select distinct platform, handle
    from followers
),

contact_counts as (
    select count(*) as contact_count
    from {{ ref('stg_contacts') }}
)

select
    own.account_key,
    max(contact_counts.contact_count) as contact_count,
    count(contacts.handle_hash) as matched_count,
    -- Without a list of the account's followers nobody is known to follow: not reported, which is not zero.
    case when count(lists.handle) > 0 then count(followers.follower_hash) end as follower_count
from own
cross join contact_counts
left join contacts on own.platform = contacts.platform
left join lists on own.platform = lists.platform and own.handle = lists.handle
left join followers
    on
        own.platform = followers.platform
        and own.handle = followers.handle
        and contacts.handle_hash = followers.follower_hash
group by own.account_key
