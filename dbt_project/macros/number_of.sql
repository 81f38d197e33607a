{# A count with its noun: 1 account, 2 accounts. #}
{% macro number_of(count, noun) -%}
    ({{ count }} || case when {{ count }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end)
{%- endmacro %}
