-- Account x metric x kind of peer group: rank of its value in the group, itself included, and the group's totals.
with

groups as (
    select
        styles.account_key,
        styles.platform,
        unnest(['size_tier_and_industry', 'size_tier', 'platform']) as peer_basis,
        unnest([styles.size_tier || ' / ' || segments.segment, styles.size_tier, 'all']) as peer_group
    from {{ ref('int_ratio_styles') }} as styles
    left join {{ ref('int_ratio_segments') }} as segments
        on styles.account_key = segments.account_key and segments.segment_dimension = 'industry'
),

members as (
    select
        groups.account_key,
        groups.peer_basis,
        groups.platform || ' / ' || groups.peer_group as peer_group,
        benchmark_values.metric,
        benchmark_values.value
    from groups
    inner join {{ ref('int_benchmark_values') }} as benchmark_values
        on groups.account_key = benchmark_values.account_key
    where groups.peer_group is not null
),

totals as (
    select
        metric,
        peer_basis,
        peer_group,
        count(*) as member_count,
        round(fsum(value), 9) as value_sum
    from members
    group by metric, peer_basis, peer_group
)

select
    members.*,
    totals.member_count,
    totals.value_sum,
    row_number() over (
        partition by members.metric, members.peer_basis, members.peer_group order by members.value, members.account_key
    ) as value_rank,
    rank() over (
        partition by members.metric, members.peer_basis, members.peer_group order by members.value
    ) - 1 as lower_count,
    count(*) over (
        partition by members.metric, members.peer_basis, members.peer_group, members.value
    ) - 1 as equal_count
from members
inner join totals
    on
        members.metric = totals.metric
        and members.peer_basis = totals.peer_basis
        and members.peer_group = totals.peer_group
