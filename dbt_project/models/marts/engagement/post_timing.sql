{%- set log_error = divide('sd_value', 'mean_value * sqrt(unit_count)') -%}
with

account_cells as (
    select
        'account' as segment_dimension,
        account_key as segment,
        account_key,
        time_basis,
        weekday,
        hour_from,
        post_count,
        1 as account_count,
        post_count as unit_count,
        mean_value,
        sd_value,
        mean_rank_share,
        -- Error of a mean of ranks that are drawn from the account's own without replacement.
        sqrt({{ divide('greatest(0, account_post_count - post_count)', '12 * account_post_count * post_count') }})
            as rank_error,
        sorted_values
    from {{ ref('int_post_timing_cells') }}
),

-- One value for each account, so that a busy account counts no more than the others.
segment_cells as (
    select
        segments.segment_dimension,
        segments.segment,
        null as account_key,
        cells.time_basis,
        cells.weekday,
        cells.hour_from,
        sum(cells.post_count)::bigint as post_count,
        count(*) as account_count,
        count(*) as unit_count,
        {{ decimal_mean('cells.mean_value') }} as mean_value,
        round(stddev_samp(cells.mean_value), 9) as sd_value,
        {{ decimal_mean('cells.mean_rank_share') }} as mean_rank_share,
        round({{ divide('stddev_samp(cells.mean_rank_share)', 'sqrt(count(*))') }}, 9) as rank_error,
        {{ sorted_list('cells.mean_value') }} as sorted_values
    {{ from_peers('int_post_timing_cells', 'cells') }}
        and cells.post_count >= {{ threshold('timing_account_posts_from') }}
    group by segments.segment_dimension, segments.segment, cells.time_basis, cells.weekday, cells.hour_from
),

cells as (
    select * from account_cells
    union all
    select * from segment_cells
),

limited as (
    {{ with_families(
        'cells',
        'unit_count >= ' ~ threshold('comparison_posts_from'),
        'segment_dimension, segment, time_basis'
    ) }}
)

select
    segment_dimension,
    segment,
    account_key,
    time_basis,
    weekday,
    hour_from,
    hour_from + cast({{ threshold('timing_hours') }} as bigint) as hour_to,
    post_count,
    account_count,
    case when is_enough then mean_value end as relative_engagement,
    case when is_enough then round(mean_value * exp(-single_t * {{ log_error }}), 9) end as conf_low,
    case when is_enough then round(mean_value * exp(single_t * {{ log_error }}), 9) end as conf_high,
    case when is_enough then {{ list_middle('sorted_values') }} end as median_relative_engagement,
    case when is_enough then {{ median_limit('sorted_values', 'low') }} end as median_low,
    case when is_enough then {{ median_limit('sorted_values', 'high') }} end as median_high,
    family_count as compared_cell_count,
    case when is_enough then mean_rank_share end as rank_share,
    {{ is_distinct_from_usual('mean_rank_share') }} as is_distinct_from_usual,
    case when is_enough then 'ok' else 'insufficient_data' end as status,
    case
        when not is_enough
            then unit_count || case when segment_dimension = 'account' then ' posts' else ' accounts' end
            || ' in the cell; ' || cast({{ threshold('comparison_posts_from') }} as integer) || ' are needed'
    end as status_reason
from limited
