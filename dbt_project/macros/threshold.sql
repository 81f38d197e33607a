{# The value of one named threshold from the seed, with its reason beside it there. #}
{% macro threshold(name) -%}
    (select thresholds.value from {{ ref('thresholds') }} as thresholds where thresholds.name = '{{ name }}')
{%- endmacro %}
