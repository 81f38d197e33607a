with

segments as (
    select
        segments.*,
        cast({{ threshold('pooled_accounts_from') }} as bigint) as needed_account_count,
        as_of_date + 7 * cast(calendar_week_count as integer) as answer_date,
        greatest(
            read_week_count + left_week_count,
            cast({{ threshold('panel_weeks_from') }} + {{ threshold('panel_lag_weeks') }} as bigint)
        ) as needed_week_count
    from {{ ref('int_readiness_segments') }} as segments
),

worded as (
    select
        segments.*,
        {{ number_of('account_count', 'account') }} || ', ' || read_week_count || ' of about ' || needed_week_count
        || ' weeks' as what_is_there,
        case obstacle
            when 'spam_and_cull' then 'it follows and drops accounts in waves'
            when 'too_few_followers' then 'it has under ' || cast({{ threshold('panel_followers_from') }} as integer)
                || ' followers'
            when 'posts_not_covered' then 'the posts of most weeks were not read'
            when 'no_quality_measure' then 'the posts of most weeks have no reactions read a week later'
            when 'readings_too_far_apart' then 'it is read less than once a week'
        end as hindrance
    from segments
)

select
    'quality_against_volume' as question,
    segment_dimension,
    segment,
    as_of_date,
    account_count,
    needed_account_count,
    read_week_count as usable_week_count,
    needed_week_count,
    smallest_effect_visible,
    case
        when smallest_effect_visible is null then null
        when status = 'ok' then 'present_error'
        else 'spread_so_far'
    end as effect_basis,
    'weekly log growth for a typical swing of quality' as effect_unit,
    case when status <> 'ok' and account_count >= needed_account_count and left_week_count > 0 then answer_date end
        as expected_answer_date,
    status,
    case
        when status = 'ok' then ''
        when account_count < needed_account_count
            then what_is_there || '; a first estimate needs ' || needed_account_count || ' accounts: watch '
            || (needed_account_count - account_count) || ' more'
        when obstacle is not null
            then {{ number_of('account_count', 'account') }} || ', ' || {{ number_of('read_week_count', 'week') }}
            || ' read; ' || blocked_account_count || ' of them cannot be compared, the first because ' || hindrance
        when left_week_count = 0 then what_is_there || '; ' || coalesce(estimate_reason, 'the model gives no estimate')
        when answer_date is null then what_is_there || '; none was read recently, so there is no date'
        else what_is_there || '; first answer about ' || answer_date
    end as status_reason
from worded
