with

registry as (
    select * from {{ ref('int_accounts_registered') }}
),

snapshots as (
    select
        account_key,
        max(platform) as platform,
        max_by(account_id, date) filter (where account_id is not null) as account_id,
        max_by(handle, date) filter (where handle is not null) as handle,
        max_by(name, date) filter (where name is not null) as name,
        max_by(created_at, date) filter (where created_at is not null) as created_at,
        max_by(follower_count, date) filter (where follower_count is not null) as follower_count,
        max_by(following_count, date) filter (where following_count is not null) as following_count,
        max_by(post_count, date) filter (where post_count is not null) as post_count,
        max_by(listed_count, date) filter (where listed_count is not null) as listed_count,
        max_by(status, date) filter (where status is not null) as status,
        max_by(is_marked_copy, date) filter (where is_marked_copy is not null) as is_marked_copy,
        min(first_captured_at) as first_captured_at,
        max(last_captured_at) as last_captured_at
    from {{ ref('int_account_snapshots_daily') }}
    group by account_key
),

-- Accounts that only an export names: their handle is all that is known.
export_handles as (
    {{ with_account_key('stg_posts') }}
),

export_accounts as (
    select
        account_key,
        max(platform) as platform,
        max_by(account_id, captured_at) filter (where account_id is not null) as account_id,
        max_by(handle, captured_at) filter (where handle is not null) as handle
    from export_handles
    group by account_key
    union all
    select
        account_key,
        max(platform) as platform,
        null as account_id,
        max_by(handle, date) filter (where handle is not null) as handle
    from {{ ref('int_account_days_reported') }}
    group by account_key
),

exporters as (
    select distinct account_key from {{ ref('int_account_days_reported') }}
),

known as (
    select account_key, platform, account_id, handle from registry
    union all
    select account_key, platform, account_id, handle from snapshots
    union all
    select account_key, platform, account_id, handle from export_accounts
),

account_keys as (
    select
        account_key,
        max(platform) as platform,
        max(account_id) as account_id,
        max(handle) as handle
    from known
    where account_key is not null
    group by account_key
)

select
    account_keys.account_key,
    account_keys.platform,
    account_keys.account_id,
    coalesce(snapshots.handle, registry.handle, account_keys.handle) as handle,
    -- One handle can be taken by different accounts on two platforms.
    coalesce(snapshots.handle, registry.handle, account_keys.handle, account_keys.account_id)
    || case
        when min(account_keys.platform) over () = max(account_keys.platform) over () then ''
        else ' (' || {{ platform_name('account_keys.platform') }} || ')'
    end as account_label,
    coalesce(registry.name, snapshots.name) as name,
    coalesce(registry.company, registry.name, snapshots.name) as company,
    registry.industry,
    registry.company_size,
    registry.customer_focus,
    -- Only those who run an account can export its daily figures.
    coalesce(registry.is_own, exporters.account_key is not null) as is_own,
    coalesce(snapshots.is_marked_copy, false)
    or {{ is_bridged('coalesce(snapshots.handle, registry.handle, account_keys.handle)') }} as is_bridged,
    snapshots.created_at,
    coalesce(snapshots.status, 'unknown') as status,
    {{ size_tier('snapshots.follower_count') }} as size_tier,
    snapshots.follower_count,
    snapshots.following_count,
    snapshots.post_count,
    snapshots.listed_count,
    snapshots.first_captured_at,
    snapshots.last_captured_at
from account_keys
left join registry on account_keys.account_key = registry.account_key
left join exporters on account_keys.account_key = exporters.account_key
left join snapshots on account_keys.account_key = snapshots.account_key
