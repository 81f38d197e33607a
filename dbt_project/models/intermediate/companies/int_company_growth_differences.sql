-- Company x pair of its platforms: differences of growth in the same weeks.
with

growth_weeks as (
    select company_key, platform, week_start_date, growth_rate
    from {{ ref('int_company_growth_weeks') }}
    where is_recent and is_large_enough
)

select
    one.company_key,
    one.platform,
    other.platform as other_platform,
    count(*) as week_count,
    {{ sorted_list('one.growth_rate - other.growth_rate') }} as differences,
    median(one.growth_rate - other.growth_rate) as difference
from growth_weeks as one
inner join growth_weeks as other
    on
        one.company_key = other.company_key
        and one.week_start_date = other.week_start_date
        and one.platform < other.platform
group by one.company_key, one.platform, other.platform
