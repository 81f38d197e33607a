-- Account of the registry (accounts.csv) as it stands now; of two lines that mean one account the one with its id.
with

registry as (
    {{ with_account_key('stg_account_registry') }}
)

select
    registry.account_key,
    registry.platform,
    registry.account_id,
    registry.handle,
    registry.name,
    registry.industry,
    coalesce(sizes.common_segment, registry.company_size) as company_size,
    registry.customer_focus,
    registry.peer_group,
    registry.is_own,
    registry.since_date
from registry
left join {{ ref('int_company_size_fits') }} as sizes on registry.company_size = sizes.label
where registry.account_key is not null
qualify
    row_number() over (
        partition by registry.account_key
        order by registry.account_id nulls last, lower(registry.handle) nulls last, registry.name
    ) = 1
