{# Limit of a median at about 95 % from the order of the values, of a sorted list: no shape assumed, null with fewer than
   six values. Source: the count of values below the median is binomial; its quantile in the normal approximation. #}
{% macro median_limit(values, side) -%}
    {%- set count = list_length(values) -%}
    {%- set low -%}
        greatest(1, cast(floor({{ count }} / 2.0 - 0.98 * sqrt({{ count }})) as integer))
    {%- endset -%}
    {%- set high -%}
        least({{ count }}, cast(ceil({{ count }} / 2.0 + 1 + 0.98 * sqrt({{ count }})) as integer))
    {%- endset -%}
    case when {{ count }} >= 6 then {{ list_element(values, low if side == 'low' else high) }} end
{%- endmacro %}
