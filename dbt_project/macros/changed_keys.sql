{# Makes a model rewrite the rows of changed keys only, where the build goes on: `changed` is the intermediate model that
   lists them, `keys` are the columns that both have. Another engine than DuckDB makes the whole table. `sliced`: arguments
   of `slice_bounds`, by which a full build is made in slices. #}
{% macro rewrites_changed(changed, keys, sliced=none) -%}
    {{ config(
        materialized='incremental' if target.type == 'duckdb' else 'table',
        incremental_strategy='changed_keys',
        unique_key=keys,
        on_schema_change='fail',
        meta={'changed': changed, 'sliced': sliced},
    ) }}
{%- endmacro %}

{# True where this model rewrites a part only. (In a unit test there is no table to ask dbt about.) #}
{% macro rewrites_part() -%}
    {{ return(goes_on() and is_incremental()) }}
{%- endmacro %}

{# Condition that holds for the rows of changed keys, and for every row in a full build. #}
{% macro is_changed(changed, keys, alias) -%}
    {%- if execute and not rewrites_part() -%}
        true
    {%- else -%}
        ({{ alias }}.{{ keys | join(', ' ~ alias ~ '.') }}) in (select {{ keys | join(', ') }} from {{ ref(changed) }})
    {%- endif -%}
{%- endmacro %}

{# Condition that holds between the first and the last changed value of a column, written out, and for the rows of the
   slice in a full build. Written out it reaches below the window functions of staging views and lets DuckDB leave out
   whole parts of a table; the condition above does not. Late rows only make the span wide. #}
{% macro is_in_span(changed, column, restricted) -%}
    {%- if execute and not rewrites_part() -%}
        {{ is_in_slice(restricted) }}
    {%- else -%}
        {{ span_of(ref(changed), column, restricted) }}
    {%- endif -%}
{%- endmacro %}

{% macro span_of(relation, column, restricted) -%}
    {%- if execute -%}
        {%- set query = 'select min(' ~ column ~ ')::varchar, max(' ~ column ~ ')::varchar from ' ~ relation -%}
        {%- set span = run_query(query).rows[0] -%}
        {%- if span[0] is none -%}
            false
        {%- else -%}
            {{ restricted }} between '{{ span[0] | replace("'", "''") }}' and '{{ span[1] | replace("'", "''") }}'
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# dbt's own delete+insert deletes only keys that come back; a key can also go, as that of a post that turns out to be a
   later version of another. #}
{% macro get_incremental_changed_keys_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {%- set keys = arguments.unique_key | join(', ') -%}
    {%- set changed = changed_relation(config.get('meta').changed) -%}
    delete from {{ arguments.target_relation }}
    where
        ({{ keys }}) in (select {{ keys }} from {{ changed }})
        and {{ span_of(changed, arguments.unique_key[-1], arguments.unique_key[-1]) }};
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}

{# The table of an intermediate model that lists changed keys. #}
{% macro changed_relation(name) -%}
    {{ return(api.Relation.create(database=this.database, schema='intermediate', identifier=name)) }}
{%- endmacro %}
