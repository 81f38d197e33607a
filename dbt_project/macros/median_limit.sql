{# Limit of a median at about 95 % from the order of the values, of a sorted list: no shape assumed, null with fewer than
   six values. Source: the count of values below the median is binomial; its quantile in the normal approximation.
   `half_z`: half the normal quantile of another level, for several medians together. `correction`: 0.5 gives the
   narrowest exact limits (never below the level for 8 to 52 values and up to six medians), 0 one value more. #}
{% macro median_limit(values, side, half_z='0.98', correction='0') -%}
    {%- set count = list_length(values) -%}
    {%- set low -%}
        greatest(1, cast(floor({{ count }} / 2.0 - {{ half_z }} * sqrt({{ count }}) + {{ correction }}) as integer))
    {%- endset -%}
    {%- set high -%}
        least(
            {{ count }}, cast(ceil({{ count }} / 2.0 + 1 + {{ half_z }} * sqrt({{ count }}) - {{ correction }}) as integer)
        )
    {%- endset -%}
    case when {{ count }} >= 6 then {{ list_element(values, low if side == 'low' else high) }} end
{%- endmacro %}
