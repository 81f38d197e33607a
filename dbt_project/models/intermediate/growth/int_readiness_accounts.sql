with

measured as (
    select * from {{ ref('int_readiness_account_counts') }}
),

worded as (
    select
        measured.*,
        {{ number_of('account_count', 'account') }} || case question
            when 'ratio_styles' then ' with a style; separating two styles takes about '
            when 'spam_and_cull' then ' with readings of followed accounts; it takes '
            else
                ' watched since ' || case when account_count = 1 then 'its' else 'their' end
                || ' first week; it takes '
        end || needed_account_count as accounts_there,
        case
            when not is_answered and account_count >= needed_account_count and day_count < needed_day_count
                then as_of_date + cast(needed_day_count - day_count as integer)
        end as expected_answer_date
    from measured
)

select
    question,
    'all' as segment_dimension,
    'all' as segment,
    as_of_date,
    account_count,
    needed_account_count,
    cast(floor({{ divide('day_count', '7') }}) as bigint) as usable_week_count,
    cast(ceil({{ divide('needed_day_count', '7') }}) as bigint) as needed_week_count,
    -- Two and eight tenths of the standard error of a share of one half.
    round({{ divide('1.4', 'sqrt(base_count)') }}, 9) as smallest_effect_visible,
    case when base_count > 0 then 'present_error' end as effect_basis,
    case when base_count is not null then 'difference of a share from one half' end as effect_unit,
    expected_answer_date,
    case when is_answered then 'ok' else 'insufficient_data' end as status,
    case
        when is_answered then ''
        when account_count < needed_account_count then accounts_there
        when expected_answer_date is not null
            then {{ number_of('account_count', 'account') }} || ', '
            || cast(floor({{ divide('day_count', '7') }}) as bigint) || ' of '
            || cast(ceil({{ divide('needed_day_count', '7') }}) as bigint) || ' weeks; first answer about '
            || expected_answer_date
        else 'read each account at least every second day'
    end as status_reason
from worded
