{% for part in ['int_readiness_growth', 'int_readiness_accounts', 'int_readiness_own'] %}
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
    from {{ ref(part) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
