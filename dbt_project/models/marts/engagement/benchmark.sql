with

-- The peers that the user chose; else the nearest kind that is large enough; else the widest.
chosen as (
    select *
    from {{ ref('benchmark_peer_sets') }}
    qualify row_number() over (
        partition by account_key, metric
        order by
            case
                when status <> 'ok' then 6
                when peer_set = 'chosen' then 1
                when peer_set = 'size_tier_and_industry' then 2
                when peer_set = 'size_tier' then 3
                when peer_set = 'industry' then 4
                else 5
            end asc,
            peer_count desc,
            peer_set asc,
            peer_group asc
    ) = 1
)

select
    account_key,
    metric,
    value,
    value_low,
    value_high,
    peer_median,
    peer_mean_without_account,
    peer_mean_with_account,
    percentile,
    peer_count,
    conf_low,
    conf_high,
    peer_set,
    peer_group,
    is_own,
    status,
    status_reason
from chosen
