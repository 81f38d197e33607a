{# The only division of the project: null where the divisor is zero or either side is not reported. #}
{% macro divide(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}
