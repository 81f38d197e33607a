{# Wilson score limit of a share at 95 %, from the share and the (effective) number of cases; null where there is none.
   The limit at 0 and at 1 is exact, so rounding cannot push it outside. #}
{% macro wilson_limit(share, cases, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set sign = '-' if side == 'low' else '+' -%}
    case
        when {{ cases }} is null or {{ cases }} <= 0 or {{ share }} is null then null
        {%- if side == 'low' %}
        when {{ share }} <= 0 then 0.0
        {%- else %}
        when {{ share }} >= 1 then 1.0
        {%- endif %}
        else
            (
                {{ share }} + {{ z * z / 2 }} / {{ cases }}
                {{ sign }} {{ z }} * sqrt(({{ share }} * (1 - {{ share }}) + {{ z * z / 4 }} / {{ cases }}) / {{ cases }})
            )
            / (1 + {{ z * z }} / {{ cases }})
    end
{%- endmacro %}
