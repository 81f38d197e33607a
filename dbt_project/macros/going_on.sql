{# A build that goes on from the one before rewrites only what new rows touch. It needs three things that dbt does not
   know: up to which number of the lake the tables are built, that the project is the same, and that no row was taken
   away since. The pipeline knows them (pipeline/built.py) and says the number; without it every build is a full one,
   so dbt by hand is always right. #}
{% macro built_up_to() -%}
    {{ return(env_var('TWEETBENCH_BUILT_UP_TO', '0') | int if execute else 0) }}
{%- endmacro %}

{% macro goes_on() -%}
    {{ return(built_up_to() > 0 and not flags.FULL_REFRESH) }}
{%- endmacro %}

{# dbt asks this before it writes a seed or an incremental model; `is_incremental()` follows it. #}
{% macro should_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or (config.get('materialized') == 'incremental' and not goes_on())) }}
{%- endmacro %}

{# Condition on a table that rows of lake files carry the number of: those that came since the build before. The number
   is written out, because only then DuckDB leaves out the old parts of the table unread. #}
{% macro has_arrived() -%}
    lake_sequence > {{ built_up_to() }}
{%- endmacro %}

{# The table as the build before left it; none in a full build. Not a `ref`: it is read before it is written. #}
{% macro as_left_before(schema, name) -%}
    {{ return(adapter.get_relation(this.database, schema, name) if goes_on() else none) }}
{%- endmacro %}

{# From now on the tables belong to no known state, until the pipeline says otherwise at the end of a whole build. #}
{% macro forget_what_is_built() -%}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ['build', 'run', 'seed', 'retry'] -%}
        {%- if adapter.get_relation(target.database, 'raw', 'built') -%}
            {%- do run_query('delete from raw.built') -%}
            {#- dbt takes back what hooks of the whole run do in a transaction that is open. -#}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
