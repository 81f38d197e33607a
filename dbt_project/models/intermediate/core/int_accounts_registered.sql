with

registry as (
    {{ with_account_key('stg_account_registry') }}
)

select
    account_key,
    platform,
    account_id,
    handle,
    name,
    coalesce(company, name) as company,
    industry,
    company_size,
    customer_focus,
    peer_group,
    is_own,
    since_date
from registry
where account_key is not null
qualify
    row_number() over (partition by account_key order by account_id nulls last, lower(handle) nulls last, name) = 1
