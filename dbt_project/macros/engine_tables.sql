{# Tables that another engine has built (pipeline/transform/spark): the pipeline calls dbt on DuckDB with
   `--vars '{built_by_spark: {marts.posts: [...]}}'`, and these models take their rows from the Parquet files listed.
   Everything else stays what it is: types, contracts, constraints, comments, tests. #}

{# The query that a model's table is made of. Types are those that DuckDB would give it, asked without running it. #}
{% macro rows_of_model(compiled_code) -%}
    {%- set files = var('built_by_spark', {}).get(this.schema ~ '.' ~ this.table) -%}
    {%- if not files -%} {{ return(compiled_code) }} {%- endif -%}
    {%- set quoted = [] -%}
    {%- for file in files -%} {%- do quoted.append("'" ~ file | replace("'", "''") ~ "'") -%} {%- endfor -%}
    {%- set reading = 'read_parquet([' ~ quoted | join(', ') ~ '], hive_partitioning = false)' -%}
    {%- set found = {} -%}
    {%- for row in run_query('describe from ' ~ reading).rows -%} {%- do found.update({row[0]: row[1]}) -%} {%- endfor -%}
    {%- set columns = [] -%}
    {%- for row in run_query('describe select * from (' ~ compiled_code ~ ')').rows -%}
        {%- do columns.append('cast(' ~ same_kind(row[0], found.get(row[0]), row[1]) ~ ' as ' ~ row[1] ~ ') as ' ~ row[0]) -%}
    {%- endfor -%}
    {{ return('select ' ~ columns | join(', ') ~ ' from ' ~ reading) }}
{%- endmacro %}

{# The column, or an error where it is missing or would lose its fraction in the cast. #}
{% macro same_kind(name, found, wanted) -%}
    {%- set is_fraction = found in ['DOUBLE', 'FLOAT'] or ('DECIMAL' in (found or '') and not found.endswith(',0)')) -%}
    {%- set is_kept = wanted in ['DOUBLE', 'FLOAT'] or 'DECIMAL' in wanted -%}
    {%- if not found or (is_fraction and not is_kept) -%}
        {{ exceptions.raise_compiler_error(
            this.schema ~ '.' ~ this.table ~ '.' ~ name ~ ' is ' ~ (found or 'missing') ~ ' in what Spark built, and '
            ~ wanted ~ ' in DuckDB'
        ) }}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro %}
