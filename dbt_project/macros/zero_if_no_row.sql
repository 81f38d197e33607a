{# A count over a left join: nothing joined means that nothing was there, a counted zero. A null count of a joined row
   stays null: not reported. #}
{% macro zero_if_no_row(joined_key, count) -%}
    case when {{ joined_key }} is null then 0 else {{ count }} end
{%- endmacro %}
