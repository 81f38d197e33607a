{# The value of one named threshold from the seed, which gives its reason next to it. #}
{% macro threshold(name) -%}
    (select thresholds.value from {{ ref('thresholds') }} as thresholds where thresholds.name = '{{ name }}')
{%- endmacro %}
