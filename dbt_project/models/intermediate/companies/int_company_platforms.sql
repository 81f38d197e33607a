-- Company x platform: the account that stands for it there.
with

registry as (
    select account_key, company, {{ replace_matches('lower(trim(company))', "'\\s+'", "' '") }} as company_key
    from {{ ref('int_accounts_registered') }}
),

accounts as (
    select accounts.*, registry.company as registered_company, registry.company_key
    from {{ ref('accounts') }} as accounts
    inner join registry on accounts.account_key = registry.account_key
    where registry.company_key <> ''
),

-- Several accounts of a company on one platform share followers as well: the largest that is alive counts, never a sum.
-- A bridge's copy has another platform's posts: it stands for the company only where there is no account of its own.
ranked as (
    select
        accounts.*,
        min(registered_company) over (partition by company_key) as company_name,
        bool_or(is_own) over (partition by company_key) as is_own_company,
        count(*) over (partition by company_key, platform) as account_count,
        row_number() over (
            partition by company_key, platform
            order by
                is_bridged asc,
                status in ('moved', 'suspended', 'not_found', 'deactivated') asc,
                follower_count desc nulls last,
                account_key asc
        ) as place
    from accounts
)

select
    company_key,
    company_name as company,
    platform,
    account_key,
    is_own_company as is_own,
    account_count,
    follower_count,
    first_captured_at,
    last_captured_at,
    count(*) over (partition by company_key) as platform_count
from ranked
where place = 1
