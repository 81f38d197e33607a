with

-- Most accounts are not in any export and have nothing to compare.
exported as (
    select *
    from {{ ref('int_reconciliation_posts') }}
    where account_key in (
        select exports.account_key
        from {{ ref('int_reconciliation_posts') }} as exports
        where exports.side = 'export'
    )
),

counts as (
    select account_key, date, post_version_key, side, captured_at, metric, count_value
    from exported
    unpivot (
        count_value for metric in (
            impression_count, like_count, repost_count, reply_count, bookmark_count, link_click_count
        )
    )
)

select
    account_key,
    date,
    post_version_key,
    metric,
    max(count_value) filter (where side = 'api') as api_count,
    max(count_value) filter (where side = 'export') as export_count,
    max(captured_at) filter (where side = 'api') as api_captured_at,
    max(captured_at) filter (where side = 'export') as export_captured_at
from counts
group by account_key, date, post_version_key, metric
