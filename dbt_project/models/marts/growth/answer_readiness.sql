select
    question,
    segment_dimension,
    segment,
    as_of_date,
    account_count,
    needed_account_count,
    usable_week_count,
    needed_week_count,
    smallest_effect_visible,
    effect_unit,
    effect_basis,
    expected_answer_date,
    status,
    status_reason
from {{ ref('int_readiness_growth') }}
union all
select
    question,
    segment_dimension,
    segment,
    as_of_date,
    account_count,
    needed_account_count,
    usable_week_count,
    needed_week_count,
    smallest_effect_visible,
    effect_unit,
    effect_basis,
    expected_answer_date,
    status,
    status_reason
from {{ ref('int_readiness_accounts') }}
union all
select
    question,
    segment_dimension,
    segment,
    as_of_date,
    account_count,
    needed_account_count,
    usable_week_count,
    needed_week_count,
    smallest_effect_visible,
    effect_unit,
    effect_basis,
    expected_answer_date,
    status,
    status_reason
from {{ ref('int_readiness_own') }}
