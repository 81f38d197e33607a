with

days as (
    select
        *,
        export_value - api_value as difference
    from {{ ref('int_reconciliation_days') }}
)

select
    account_key,
    date,
    metric,
    api_value,
    export_value,
    difference,
    -- First match wins: what explains the most comes first.
    case
        when export_value is null then 'only_in_api'
        when api_value is null then 'only_in_export'
        when difference = 0 then 'equal'
        when
            abs(difference) <= greatest(
                {{ threshold('reconciliation_tolerance_count') }},
                {{ threshold('reconciliation_tolerance_share') }} * greatest(abs(api_value), abs(export_value))
            )
            then 'within_tolerance'
        when has_other_posts then 'other_posts'
        -- Counts only grow: the later reading is the larger one.
        when is_read_apart and sign(difference) = sign(export_hours_later) then 'read_at_another_time'
        when has_other_hours then 'other_day_boundary'
        else 'unexplained'
    end as reason
from days
