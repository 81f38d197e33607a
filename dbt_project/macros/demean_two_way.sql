{# CTEs pass_1 ... pass_n that take the means of account and week out of `value` in turn, within each quality_basis of
   `source`. One pass is exact on balanced panels only; on panels with gaps each further pass removes what is left.
   Materialised: folded into one another the passes double the expression each time (16 s instead of 0.1 s for 12). #}
{% macro demean_two_way(source, passes) -%}
{%- for number in range(1, passes + 1) %}
pass_{{ number }} as {{ materialized() }} (
    select
        account_key,
        week_start_date,
        quality_basis,
        by_account - avg(by_account) over (partition by quality_basis, week_start_date) as value
    from (
        select
            account_key,
            week_start_date,
            quality_basis,
            value - avg(value) over (partition by account_key) as by_account
        from {{ source if number == 1 else 'pass_' ~ (number - 1) }}
    )
),
{% endfor -%}
{%- endmacro %}
