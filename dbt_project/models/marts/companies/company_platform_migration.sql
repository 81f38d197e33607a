with

platforms as (
    select * from {{ ref('int_company_platforms') }}
),

rows_of_events as (
    select
        platforms.company,
        platforms.is_own,
        weeks.*,
        weeks.growth_rate_after - weeks.growth_rate_before as difference,
        {{ divide('weeks.variance_before', 'weeks.week_count_before') }} as error_before,
        {{ divide('weeks.variance_after', 'weeks.week_count_after') }} as error_after,
        cast({{ threshold('migration_weeks_from') }} as bigint) as weeks_from
    from {{ ref('int_company_event_weeks') }} as weeks
    inner join platforms on weeks.company_key = platforms.company_key and weeks.platform = platforms.platform
    where platforms.platform_count > 1
),

judged as (
    select
        rows_of_events.*,
        case
            when event_kind = 'first_post' and platform = event_platform
                then 'the account itself begins about this date'
            when week_count_before < weeks_from
                then week_count_before || ' weeks of growth before the date; ' || weeks_from
                || ' are needed, and the past cannot be read later'
            when week_count_after < weeks_from
                then week_count_after || ' of ' || weeks_from || ' weeks after the date; enough about '
                || (event_end_date + cast(7 * (weeks_from + 1) as integer))
            when error_before + error_after = 0 then 'the growth is the same in every week'
            else ''
        end as shortage,
        sqrt(error_before + error_after) as error,
        -- Source: Welch 1947.
        {{ divide(
            'pow(error_before + error_after, 2)',
            divide('error_before * error_before', 'week_count_before - 1') ~ ' + '
            ~ divide('error_after * error_after', 'week_count_after - 1')
        ) }} as freedom
    from rows_of_events
)

select
    company,
    is_own,
    event_kind,
    event_platform,
    event,
    event_start_date,
    event_end_date,
    platform,
    account_key,
    week_count_before,
    week_count_after,
    growth_rate_before,
    growth_rate_after,
    follower_change_during,
    case when shortage = '' then round(difference, 9) end as difference,
    case when shortage = '' then round(difference - {{ student_quantile('1.959963985', 'freedom') }} * error, 9) end
        as difference_low,
    case when shortage = '' then round(difference + {{ student_quantile('1.959963985', 'freedom') }} * error, 9) end
        as difference_high,
    case
        when shortage = '' then 'ok'
        when (event_kind = 'first_post' and platform = event_platform)
            or (week_count_before >= weeks_from and week_count_after >= weeks_from)
            then 'not_testable'
        else 'insufficient_data'
    end as status,
    shortage as status_reason
from judged
