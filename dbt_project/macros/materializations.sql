{# Tables and views in one statement, with their constraints held before the transaction ends. dbt-duckdb builds under
   another name, renames twice, drops, and asks the catalogue before each, which took half of the time of a model of few
   rows. DuckDB replaces a relation within a transaction: a model that fails or breaks a constraint leaves the previous one. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if is_kept(relation) -%}
        {%- do store_raw_result('main', 'kept', none, none) -%}
        {{ return({'relations': [relation]}) }}
    {%- endif -%}
    {%- do make_way_for(relation) -%}
    {%- if model.language == 'python' -%}
        {#- The job writes through a connection of its own, outside this transaction; dbt lets no macro start it. -#}
        {%- set built = make_intermediate_relation(relation) -%}
        {%- call statement('cleared', auto_begin=false) -%} drop table if exists {{ built }} {%- endcall -%}
        {%- call statement('main', language='python') -%}
            {{ py_write_table(temporary=false, relation=built, compiled_code=compiled_code) }}
        {%- endcall -%}
        {{ hold_constraints(built) }}
        {%- call statement('kept') -%}
            create or replace table {{ relation }} as from {{ built }};
            drop table {{ built }};
        {%- endcall -%}
    {%- else -%}
        {{ replace_table(relation, rows_of_model(compiled_code)) }}
    {%- endif -%}
    {{ return(finished(relation, post_hooks, record_contents(relation))) }}
{% endmaterialization %}

{# Appends; what changed is deleted in a pre-hook (incremental.sql). Another project means a full build, so the columns of
   the table are those of the model. #}
{% materialization incremental, adapter='duckdb', supported_languages=['sql'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if is_incremental() -%}
        {%- call statement('main') -%} insert into {{ relation }} by name ({{ compiled_code }}) {%- endcall -%}
        {{ hold_constraints(relation) }}
    {%- else -%}
        {%- do make_way_for(relation) -%}
        {{ replace_table(relation, rows_of_model(compiled_code)) }}
    {%- endif -%}
    {{ return(finished(relation, post_hooks, record_part(relation))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do make_way_for(relation) -%}
    {%- call statement('main') -%} create or replace view {{ relation }} as ({{ compiled_code }}) {%- endcall -%}
    {{ hold_constraints(relation) }}
    {{ return(finished(relation, post_hooks, record_contents(relation, contents_of_view()))) }}
{% endmaterialization %}

{# What has the name and is of another kind cannot be replaced. #}
{% macro make_way_for(relation) -%}
    {%- set previous = load_cached_relation(relation) -%}
    {%- if previous is not none and previous.type != relation.type -%}
        {%- do adapter.drop_relation(previous) -%}
    {%- endif -%}
{%- endmacro %}

{% macro replace_table(relation, query) -%}
    {%- if config.get('contract').enforced -%}
        {#- Held before DuckDB makes the keys, whose errors show no rows. -#}
        {%- set built = api.Relation.create(identifier='built_' ~ relation.identifier, type='table') -%}
        {%- call statement('main') -%} create or replace temp table {{ built }} as ({{ query }}) {%- endcall -%}
        {{ get_assert_columns_equivalent('from ' ~ built) }}
        {{ hold_constraints(built) }}
        {%- set names = model.columns | join(', ') -%}
        {%- call statement('kept') -%}
            create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ relation }} ({{ names }}) select {{ names }} from {{ built }};
            drop table {{ built }};
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%} create or replace table {{ relation }} as ({{ query }}) {%- endcall -%}
        {{ hold_constraints(relation) }}
    {%- endif -%}
{%- endmacro %}

{# `record` is SQL. With the comments it is one statement: dbt spends 2 ms on each, whatever it says. #}
{% macro finished(relation, hooks, record) -%}
    {{ run_hooks(hooks) }}
    {%- set closing = (record ~ describe_relation(relation)) | trim -%}
    {%- if closing -%}
        {%- call statement('closing') -%} {{ closing }} {%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

{# DuckDB itself holds what readers of the published file use, keys and not null; the rest is held by hold_constraints. #}
{% macro duckdb__get_table_columns_and_constraints() -%}
    (
    {% for name, column in model.columns.items() %}
        {%- set held = column.constraints | map(attribute='type') | list -%}
        {{ name }} {{ column.data_type }}
        {{- ' primary key' if 'primary_key' in held else ' not null' if 'not_null' in held }}{{ ',' if not loop.last }}
    {% endfor %}
    )
{%- endmacro %}

{# Of a seed: those of models are written in `finished`. #}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- call statement('comments') -%} {{ describe_relation(relation) }} {%- endcall -%}
{%- endmacro %}

{# Comments of a relation and its described columns in one statement; dbt asks the catalogue twice which columns there are.
   A description of a column that does not exist is an error. #}
{% macro describe_relation(relation) -%}
    {% if model.description %}{{ alter_relation_comment(relation, model.description) }}{% endif %}
    {% for name, column in model.columns.items() if column.description %}
        comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
    {% endfor %}
{%- endmacro %}
