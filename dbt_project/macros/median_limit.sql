{# Limit of a median at about 95 % from the order of the values: no shape assumed, null with fewer than six values.
   Source: the count of values below the median is binomial; its quantile in the normal approximation. #}
{% macro median_limit(values, side) -%}
    {%- set count = 'len(' ~ values ~ ')' -%}
    case
        when {{ count }} >= 6
            then list_sort({{ values }})[
                {%- if side == 'low' %}
                greatest(1, cast(floor({{ count }} / 2.0 - 0.98 * sqrt({{ count }})) as integer))
                {%- else %}
                least({{ count }}, cast(ceil({{ count }} / 2.0 + 1 + 0.98 * sqrt({{ count }})) as integer))
                {%- endif %}
            ]
    end
{%- endmacro %}
