with

watched as (
    select
        account_key,
        min(cast(created_at as date)) as created_date,
        min(date) as first_watched_date,
        -- A suspended or missing account cannot post; what it would have done is unknown from then on.
        max(date) filter (where status = 'active' or status is null) as last_watched_date
    from {{ ref('int_account_snapshots_daily') }}
    group by account_key
),

own_posts as (
    select
        account_key,
        min(cast(created_at as date)) as first_post_date,
        max(cast(created_at as date)) as last_post_date
    from {{ ref('int_posts') }}
    where post_kind <> 'repost' and created_at is not null
    group by account_key
),

joined as (
    select
        watched.account_key,
        watched.created_date,
        watched.first_watched_date,
        own_posts.first_post_date,
        own_posts.last_post_date,
        greatest(watched.last_watched_date, own_posts.last_post_date) as last_watched_date
    from watched
    left join own_posts on watched.account_key = own_posts.account_key
)

select
    joined.*,
    case
        when created_date is null then 'creation_time_unknown'
        when created_date > first_watched_date then 'created_after_first_reading'
        when {{ days_between('created_date', 'first_watched_date') }} > {{ threshold('retention_entry_days') }}
            then 'watched_too_late'
        when first_post_date is null then 'never_posted'
        when last_watched_date is null then 'never_active'
    end as exclusion_reason
from joined
