-- Own account: how many contacts agreed and gave a handle on its platform, and how many of them follow this account.
with

own as (
    select account_key, platform, lower(handle) as handle
    from {{ ref('accounts') }}
    where is_own and not is_bridged
),

matches as (
    select * from {{ ref('int_playbook_contact_matches') }}
)

select
    own.account_key,
    everyone.contact_count,
    coalesce(of_account.matched_count, of_platform.matched_count, 0) as matched_count,
    of_account.follower_count
from own
inner join matches as everyone on everyone.platform is null
left join matches as of_account on own.platform = of_account.platform and own.handle = of_account.handle
left join matches as of_platform on own.platform = of_platform.platform and of_platform.handle is null
