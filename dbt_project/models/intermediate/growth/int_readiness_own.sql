with

measured as (
    select * from {{ ref('int_readiness_own_counts') }}
)

select
    question,
    'account' as segment_dimension,
    account_key as segment,
    as_of_date,
    account_count,
    case question when 'own_account' then 1 else cast({{ threshold('benchmark_peers_from') }} as bigint) + 1 end
        as needed_account_count,
    cast(floor({{ divide('day_count', '7') }}) as bigint) as usable_week_count,
    cast(ceil({{ divide('needed_day_count', '7') }}) as bigint) as needed_week_count,
    case when status = 'ok' then smallest_effect_visible end as smallest_effect_visible,
    case when status = 'ok' and smallest_effect_visible is not null then 'present_error' end as effect_basis,
    case question
        when 'own_account' then 'share of new follows of a day when clicks or reactions double'
        else 'weekly log growth away from the median of the peers'
    end as effect_unit,
    case when status <> 'ok' then as_of_date + cast(calendar_day_count as integer) end as expected_answer_date,
    status,
    case
        when status = 'ok' then ''
        -- Without any reading of followers there is no day to count from.
        when calendar_day_count > 0 and as_of_date is not null
            then shortage || '; first answer about ' || (as_of_date + cast(calendar_day_count as integer))
        else coalesce(shortage, '')
    end as status_reason
from measured
