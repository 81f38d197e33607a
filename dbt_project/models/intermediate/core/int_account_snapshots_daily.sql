{{ incremental_by_changed_keys('int_account_days_changed', ['account_key', 'date']) }}
with

identified as (
    {{ with_account_key('stg_account_snapshots') }}
    where
        {{ in_changed_range('int_account_days_changed', 'captured_at', 'stg_account_snapshots.captured_at') }}
),

dated as (
    select identified.*, captured_date as date
    from identified
)

select
    account_key,
    date,
    max(platform) as platform,
    max_by(account_id, captured_at) filter (where account_id is not null) as account_id,
    max_by(handle, captured_at) filter (where handle is not null) as handle,
    max_by(name, captured_at) filter (where name is not null) as name,
    max_by(created_at, captured_at) filter (where created_at is not null) as created_at,
    max_by(follower_count, captured_at) filter (where follower_count is not null) as follower_count,
    max_by(following_count, captured_at) filter (where following_count is not null) as following_count,
    max_by(post_count, captured_at) filter (where post_count is not null) as post_count,
    max_by(listed_count, captured_at) filter (where listed_count is not null) as listed_count,
    max_by(status, captured_at) filter (where status is not null) as status,
    -- Bluesky's profiles alone say it, and the newest decides: an account can leave the bridge.
    max_by(coalesce(status_detail like 'a copy that a bridge keeps of%', false), captured_at)
        filter (where source = 'bluesky' and status = 'active') as is_marked_copy,
    -- When the counts of the day were read: a later reading may have come without them.
    max(captured_at) filter (where follower_count is not null) as follower_count_at,
    max(captured_at) filter (where following_count is not null) as following_count_at,
    min(captured_at) as first_captured_at,
    max(captured_at) as last_captured_at
from dated
where {{ in_changed_keys('int_account_days_changed', ['account_key', 'date'], 'dated') }}
group by account_key, date
order by date, account_key
