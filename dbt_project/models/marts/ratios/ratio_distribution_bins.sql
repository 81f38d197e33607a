with

populations as (
    select segment_dimension, segment, followers_per_following
    from {{ ref('int_ratio_populations') }}
),

-- The bands of the antimode test; both its outer bands contain their edges.
banded as (
    select
        segment_dimension,
        segment,
        'band' as bin_kind,
        case
            when followers_per_following is null then 'follows nobody'
            when followers_per_following < {{ threshold('ratio_interpersonal_from') }} then 'below about one'
            when followers_per_following <= {{ threshold('ratio_interpersonal_to') }} then 'about one'
            when followers_per_following < {{ threshold('ratio_mass_communication_from') }} then 'dead zone'
            when followers_per_following <= 4 * {{ threshold('ratio_mass_communication_from') }} then 'five to twenty'
            else 'above twenty'
        end as bin,
        followers_per_following
    from populations
),

-- Eight bins for each factor of ten, of equal width on the log scale.
histogram as (
    select
        segment_dimension,
        segment,
        'histogram' as bin_kind,
        floor(8 * log10(followers_per_following)) as bin_number
    from populations
    where followers_per_following > 0
),

counted as (
    select
        segment_dimension,
        segment,
        bin_kind,
        bin,
        case bin
            when 'about one' then {{ threshold('ratio_interpersonal_from') }}
            when 'dead zone' then {{ threshold('ratio_interpersonal_to') }}
            when 'five to twenty' then {{ threshold('ratio_mass_communication_from') }}
            when 'above twenty' then 4 * {{ threshold('ratio_mass_communication_from') }}
        end as bin_low,
        case bin
            when 'below about one' then {{ threshold('ratio_interpersonal_from') }}
            when 'about one' then {{ threshold('ratio_interpersonal_to') }}
            when 'dead zone' then {{ threshold('ratio_mass_communication_from') }}
            when 'five to twenty' then 4 * {{ threshold('ratio_mass_communication_from') }}
        end as bin_high,
        count(*) as account_count
    from banded
    group by segment_dimension, segment, bin_kind, bin
    union all
    select
        segment_dimension,
        segment,
        bin_kind,
        cast(round(pow(10, bin_number / 8.0), 3) as string) as bin,
        round(pow(10, bin_number / 8.0), 9) as bin_low,
        round(pow(10, (bin_number + 1) / 8.0), 9) as bin_high,
        count(*) as account_count
    from histogram
    group by segment_dimension, segment, bin_kind, bin_number
),

bases as (
    select segment_dimension, segment, count(*) as base_count
    from populations
    group by segment_dimension, segment
),

shares as (
    select
        counted.*,
        bases.base_count,
        {{ divide('counted.account_count', 'bases.base_count') }} as account_share
    from counted
    inner join bases on counted.segment_dimension = bases.segment_dimension and counted.segment = bases.segment
)

select
    segment_dimension,
    segment,
    bin_kind,
    bin,
    bin_low,
    bin_high,
    account_count,
    base_count,
    account_share,
    {{ wilson_limit('account_share', 'base_count', 'low') }} as share_low,
    {{ wilson_limit('account_share', 'base_count', 'high') }} as share_high,
    {{ divide('account_share', 'ln(' ~ divide('bin_high', 'bin_low') ~ ')') }} as share_per_log_width
from shares
