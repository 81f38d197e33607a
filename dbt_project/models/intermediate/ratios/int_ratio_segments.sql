-- Account x segment that it belongs to; everybody also belongs to `all`.
with

registry as (
    select * from {{ ref('int_accounts_registered') }}
),

account_keys as (
    select account_key from registry
    union
    select account_key from {{ ref('int_account_snapshots_daily') }}
),

accounts as (
    select
        account_keys.account_key,
        split_part(account_keys.account_key, ':', 1) as platform,
        registry.industry,
        registry.company_size,
        registry.customer_focus,
        styles.size_tier,
        case when styles.is_newer then 'newer' when not styles.is_newer then 'older' end as age
    from account_keys
    left join registry on account_keys.account_key = registry.account_key
    left join {{ ref('int_ratio_styles') }} as styles on account_keys.account_key = styles.account_key
)

select account_key, 'all' as segment_dimension, 'all' as segment
from accounts
union all
select account_key, segment_dimension, segment
from accounts
unpivot (segment for segment_dimension in (size_tier, platform, industry, company_size, customer_focus, age))
