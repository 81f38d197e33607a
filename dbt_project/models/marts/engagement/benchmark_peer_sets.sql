with

sized as (
    select
        ranks.*,
        ranks.member_count - 1 as peer_count,
        case
            when ranks.peer_set = 'chosen' then {{ threshold('benchmark_chosen_peers_from') }}
            else {{ threshold('benchmark_peers_from') }}
        end as peers_from
    from {{ ref('int_benchmark_ranks') }} as ranks
),

judged as (
    select
        sized.*,
        peer_count >= peers_from as is_large_enough
    from sized
),

-- Positions among the others: the account itself is passed over. The limits are the positions at which the percentiles
-- of a bootstrap of the median lie: how many draws fall below the median is binomial, so nothing need be drawn.
positions as (
    select
        judged.*,
        roles.role,
        case roles.role
            when 'median_low' then cast(ceil(peer_count / 2.0) as bigint)
            when 'median_high' then cast(floor(peer_count / 2.0) as bigint) + 1
            when 'conf_low' then greatest(1, cast(floor(peer_count / 2.0 - 0.98 * sqrt(peer_count)) as bigint))
            else least(peer_count, cast(ceil(peer_count / 2.0 + 1 + 0.98 * sqrt(peer_count)) as bigint))
        end as place
    from judged
    cross join (values ('median_low'), ('median_high'), ('conf_low'), ('conf_high')) as roles (role)
    where is_large_enough
),

peers as (
    select
        positions.account_key,
        positions.metric,
        positions.peer_set,
        positions.peer_group,
        avg(ranks.value) filter (where positions.role in ('median_low', 'median_high')) as peer_median,
        max(ranks.value) filter (where positions.role = 'conf_low') as conf_low,
        max(ranks.value) filter (where positions.role = 'conf_high') as conf_high
    from positions
    inner join {{ ref('int_benchmark_ranks') }} as ranks
        on
            positions.metric = ranks.metric
            and positions.peer_set = ranks.peer_set
            and positions.peer_group = ranks.peer_group
            and positions.place + case when positions.place >= positions.value_rank then 1 else 0 end = ranks.value_rank
    group by positions.account_key, positions.metric, positions.peer_set, positions.peer_group
)

select
    judged.account_key,
    judged.metric,
    judged.peer_set,
    judged.peer_group,
    judged.value,
    judged.value_low,
    judged.value_high,
    peers.peer_median,
    case when is_large_enough then {{ divide('judged.value_sum - judged.value', 'judged.peer_count') }} end
        as peer_mean_without_account,
    case when is_large_enough then {{ divide('judged.value_sum', 'judged.member_count') }} end
        as peer_mean_with_account,
    case
        when is_large_enough
            then 100 * {{ divide('judged.lower_count + 0.5 * judged.equal_count', 'judged.peer_count') }}
    end as percentile,
    judged.peer_count,
    peers.conf_low,
    peers.conf_high,
    accounts.is_own,
    case when is_large_enough then 'ok' else 'insufficient_data' end as status,
    case
        when not is_large_enough
            then judged.peer_count || ' other accounts with a value; ' || cast(judged.peers_from as integer)
            || ' are needed'
    end as status_reason
from judged
inner join {{ ref('accounts') }} as accounts on judged.account_key = accounts.account_key
left join peers
    on
        judged.account_key = peers.account_key
        and judged.metric = peers.metric
        and judged.peer_set = peers.peer_set
        and judged.peer_group = peers.peer_group
