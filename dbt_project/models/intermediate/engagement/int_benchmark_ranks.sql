with

registry as (
    select * from {{ ref('int_accounts_registered') }}
),

-- Groups that the user has named in accounts.csv; one account can be in several. Each platform is a group of its own:
-- levels of growth and reactions differ between platforms.
named as (
    select account_key, platform, {{ each_element("split(peer_group, ';')") }} as peer_group
    from registry
    where peer_group is not null
),

kinds as (
    select
        styles.account_key,
        styles.platform || ' / ' || styles.size_tier || ' / ' || segments.segment as size_tier_and_industry,
        styles.platform || ' / ' || styles.size_tier as size_tier,
        styles.platform || ' / ' || segments.segment as industry,
        styles.platform || ' / all' as platform
    from {{ ref('int_ratio_styles') }} as styles
    left join {{ ref('int_ratio_segments') }} as segments
        on styles.account_key = segments.account_key and segments.segment_dimension = 'industry'
),

groups as (
    select account_key, peer_set, peer_group
    from kinds
    unpivot (peer_group for peer_set in (size_tier_and_industry, size_tier, industry, platform))
    union all
    select distinct account_key, 'chosen' as peer_set, platform || ' / ' || lower(trim(peer_group)) as peer_group
    from named
    where trim(peer_group) <> ''
),

members as (
    select
        groups.account_key,
        groups.peer_set,
        groups.peer_group,
        benchmark_values.metric,
        benchmark_values.value,
        benchmark_values.value_low,
        benchmark_values.value_high
    from groups
    inner join {{ ref('int_benchmark_values') }} as benchmark_values
        on groups.account_key = benchmark_values.account_key
),

totals as (
    select
        metric,
        peer_set,
        peer_group,
        count(*) as member_count,
        -- As decimals, so that the order in which rows are added shows in no digit.
        cast(sum(cast(value as decimal(38, 12))) as double) as value_sum
    from members
    group by metric, peer_set, peer_group
)

select
    members.*,
    totals.member_count,
    totals.value_sum,
    row_number() over (
        partition by members.metric, members.peer_set, members.peer_group order by members.value, members.account_key
    ) as value_rank,
    rank() over (
        partition by members.metric, members.peer_set, members.peer_group order by members.value
    ) - 1 as lower_count,
    count(*) over (
        partition by members.metric, members.peer_set, members.peer_group, members.value
    ) - 1 as equal_count
from members
inner join totals
    on
        members.metric = totals.metric
        and members.peer_set = totals.peer_set
        and members.peer_group = totals.peer_group
