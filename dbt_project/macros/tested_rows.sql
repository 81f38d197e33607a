{# What a data test reads, in the place of dbt's own macro: where a build goes on, the part of a table that it has
   rewritten. The rest is as it was when it was tested before. #}
{% macro duckdb__get_where_subquery(relation) -%}
    {%- set tested = namespace(changed=none, key=none) -%}
    {%- if execute and goes_on() -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == relation.identifier -%}
            {%- if node.config.materialized == 'incremental' -%}
                {%- set tested.changed = node.config.meta.changed -%}
                {%- set tested.key = node.config.unique_key[-1] -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if tested.changed -%}
        {%- set changed = changed_relation(tested.changed) -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ span_of(changed, tested.key, tested.key) ~ ')') }}
    {%- else -%}
        {{ return(default__get_where_subquery(relation)) }}
    {%- endif -%}
{%- endmacro %}
