with

-- The nearest kind of peers that is large enough, else the widest.
chosen as (
    select
        ranks.*,
        ranks.member_count - 1 as peer_count,
        ranks.member_count - 1 >= {{ threshold('benchmark_peers_from') }} as is_large_enough
    from {{ ref('int_benchmark_ranks') }} as ranks
    qualify row_number() over (
        partition by account_key, metric
        order by
            is_large_enough desc,
            case
                when peer_basis = 'size_tier_and_industry' and is_large_enough then 1
                when peer_basis = 'size_tier' and is_large_enough then 2
                else 3
            end asc,
            member_count desc,
            peer_basis asc
    ) = 1
),

-- Positions among the others: the account itself is passed over.
positions as (
    select
        chosen.*,
        unnest(['median_low', 'median_high', 'conf_low', 'conf_high']) as role,
        unnest([
            cast(ceil(peer_count / 2.0) as bigint),
            cast(floor(peer_count / 2.0) as bigint) + 1,
            greatest(1, cast(floor(peer_count / 2.0 - 0.98 * sqrt(peer_count)) as bigint)),
            least(peer_count, cast(ceil(peer_count / 2.0 + 1 + 0.98 * sqrt(peer_count)) as bigint))
        ]) as place
    from chosen
    where is_large_enough
),

peers as (
    select
        positions.account_key,
        positions.metric,
        avg(ranks.value) filter (where positions.role in ('median_low', 'median_high')) as peer_median,
        max(ranks.value) filter (where positions.role = 'conf_low') as conf_low,
        max(ranks.value) filter (where positions.role = 'conf_high') as conf_high
    from positions
    inner join {{ ref('int_benchmark_ranks') }} as ranks
        on
            positions.metric = ranks.metric
            and positions.peer_basis = ranks.peer_basis
            and positions.peer_group = ranks.peer_group
            and positions.place + case when positions.place >= positions.value_rank then 1 else 0 end = ranks.value_rank
    group by positions.account_key, positions.metric
)

select
    chosen.account_key,
    chosen.metric,
    chosen.value,
    peers.peer_median,
    case when chosen.is_large_enough then {{ divide('chosen.value_sum - chosen.value', 'chosen.peer_count') }} end
        as peer_mean_without_account,
    case when chosen.is_large_enough then {{ divide('chosen.value_sum', 'chosen.member_count') }} end
        as peer_mean_with_account,
    case
        when chosen.is_large_enough
            then 100 * {{ divide('chosen.lower_count + 0.5 * chosen.equal_count', 'chosen.peer_count') }}
    end as percentile,
    chosen.peer_count,
    peers.conf_low,
    peers.conf_high,
    chosen.peer_basis,
    chosen.peer_group,
    accounts.is_own,
    case when chosen.is_large_enough then 'ok' else 'insufficient_data' end as status,
    case
        when not chosen.is_large_enough
            then chosen.peer_count || ' other accounts with a value; '
            || cast({{ threshold('benchmark_peers_from') }} as integer) || ' are needed'
    end as status_reason
from chosen
inner join {{ ref('accounts') }} as accounts on chosen.account_key = accounts.account_key
left join peers on chosen.account_key = peers.account_key and chosen.metric = peers.metric
