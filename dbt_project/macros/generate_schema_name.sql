{# A model's schema is its folder's, with no prefix: dbt schema = DuckDB schema = asset key prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}
