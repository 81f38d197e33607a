{# Incremental builds; CONTRIBUTING explains them. dbt's own is_incremental() asks whether the table exists. Only the
   pipeline knows the rest: up to which commit of the lake the tables are built, and that nothing else has changed since
   (pipeline/transform/build_state.py). So it calls dbt with `--vars 'build_watermark: 41'`, or with `--full-refresh`. #}

{% macro build_watermark() -%}
    {{ return(var('build_watermark', 0) | int) }}
{%- endmacro %}

{# For models that are no incremental ones themselves; these ask dbt's is_incremental(). #}
{% macro is_incremental_run() -%}
    {{ return(build_watermark() > 0 and not flags.FULL_REFRESH) }}
{%- endmacro %}

{# Condition on raw rows: loaded since the previous build. A number written out lets DuckDB skip the old blocks. #}
{% macro is_new_row() -%}
    lake_sequence > {{ build_watermark() if is_incremental_run() else 0 }}
{%- endmacro %}

{# A table as the previous build left it, for a model that runs before it is rewritten; none in a full build. #}
{% macro previous_relation(schema, name) -%}
    {{ return(adapter.get_relation(this.database, schema, name) if is_incremental_run() else none) }}
{%- endmacro %}

{# An incremental model that rewrites the rows of changed keys: `changed` is the intermediate model that lists them, `keys`
   are the columns that both have. dbt's delete+insert deletes only keys that come back; here a key can also vanish, as
   that of a post that turns out to be a version of another. So the rows are deleted first and dbt appends. Spark makes
   the whole table. #}
{% macro incremental_by_changed_keys(changed, keys) -%}
    {{ config(
        materialized='incremental' if target.type == 'duckdb' else 'table',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_changed_keys('" ~ changed ~ "', " ~ keys ~ ") }}",
        meta={'changed_keys': changed},
    ) }}
{%- endmacro %}

{% macro delete_changed_keys(changed, keys) -%}
    {%- if rewrites_part() -%}
        delete from {{ this }}
        where {{ in_changed_keys(changed, keys, this.table) }}
        and {{ in_changed_range(changed, keys[-1], keys[-1]) }}
    {%- endif -%}
{%- endmacro %}

{# True where a model rewrites a part only. In a unit test there is no table that dbt's own question could be about. #}
{% macro rewrites_part() -%}
    {{ return(is_incremental_run() and is_incremental()) }}
{%- endmacro %}

{# Condition: the row has a changed key. Holds for every row in a full build. A `ref` in the other branch is still seen
   when dbt parses the project. #}
{% macro in_changed_keys(changed, keys, alias) -%}
    {%- if execute and not rewrites_part() -%}
        true
    {%- else -%}
        ({{ alias }}.{{ keys | join(', ' ~ alias ~ '.') }}) in (select {{ keys | join(', ') }} from {{ ref(changed) }})
    {%- endif -%}
{%- endmacro %}

{# Condition: the value lies between the smallest and the largest changed one. Written out, it reaches below the window
   functions of staging views and lets DuckDB skip blocks, which the condition above does not. #}
{% macro in_changed_range(changed, column, restricted) -%}
    {%- if execute and not rewrites_part() -%}
        true
    {%- else -%}
        {%- set query = 'select min(' ~ column ~ ')::varchar, max(' ~ column ~ ')::varchar from ' ~ ref(changed) -%}
        {%- set range = run_query(query).rows[0] if execute else [none] -%}
        {%- if range[0] is none -%}
            false
        {%- else -%}
            {{ restricted }} between '{{ range[0] | replace("'", "''") }}' and '{{ range[1] | replace("'", "''") }}'
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# A build that does not end well must not be continued: the watermark goes when dbt starts, and the pipeline writes it
   again after a whole build. Without its word dbt makes every table, or refuses. #}
{% macro reset_build_watermark() -%}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ['build', 'run', 'seed', 'retry'] -%}
        {%- if not flags.FULL_REFRESH and not build_watermark() -%}
            {{ exceptions.raise_compiler_error(
                'Add --full-refresh: what an incremental build may leave out is known to the pipeline only.'
            ) }}
        {%- endif -%}
        {%- do prepare_contents() -%}
        {%- if adapter.get_relation(target.database, 'raw', 'build_watermark') -%}
            {%- do run_query('delete from raw.build_watermark') -%}
        {%- endif -%}
        {#- dbt takes back what hooks of the whole run do in a transaction that is open. -#}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}
