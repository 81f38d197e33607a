-- Handle that only the registry gives an id for: no reading shows an account under it.
with

registered as (
    select distinct platform, lower(handle) as handle_key, account_id
    from {{ ref('stg_account_registry') }}
    where handle is not null and account_id is not null
),

seen as (
    select distinct platform, handle_key
    from {{ ref('int_account_sightings') }}
)

select
    registered.platform,
    registered.handle_key,
    -- Two accounts of the registry under one handle are two accounts: the handle alone means neither.
    case when count(*) = 1 then max(registered.account_id) end as account_id
from registered
left join seen on registered.platform = seen.platform and registered.handle_key = seen.handle_key
where seen.handle_key is null
group by registered.platform, registered.handle_key
