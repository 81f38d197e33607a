{# A full build sorts and groups all rows of its largest tables. Slice by slice, along a column that no group crosses, the
   memory that it takes no longer grows with the history, and nothing is written to disk and read again. DuckDB only:
   Spark has its own partitions. #}

{# Rows of the sliced table in a slice: as many as two models beside each other sort in 512 MB. #}
{% macro slice_rows() -%}
    {{ return(env_var('TWEETBENCH_SLICE_ROWS', '500000') | int) }}
{%- endmacro %}

{# Condition that holds for the rows of the slice being made; for every row in anything that is not made in slices. #}
{% macro is_in_slice(column) -%}
    {{ 'true /* slice of ' ~ column ~ ' */' if target.type == 'duckdb' else 'true' }}
{%- endmacro %}

{# Values of a column between which about `slice_rows()` rows of the table lie each; a sample of rows finds them. `whole`:
   an expression that rounds a value down to where groups end. `whole_posts`: no value parts the versions of a post. #}
{% macro slice_bounds(table, column, whole='value', whole_posts=false) -%}
    {%- set step = [1, slice_rows() // 64] | max -%}
    {%- set bounds -%}
        with sampled as (
            select {{ column }} as value, row_number() over (order by {{ column }}) as n
            from {{ table }}
            where rowid % {{ step }} = 0
        )
        select distinct {{ whole }} as bound
        from sampled
        where
            n % {{ slice_rows() // step }} = 0
            {%- if whole_posts %}
            and not exists (
                select 1
                from intermediate.int_post_versions as versions
                where
                    versions.edit_root_id <> versions.post_id
                    and least(versions.edit_root_id, versions.post_id) < sampled.value
                    and greatest(versions.edit_root_id, versions.post_id) >= sampled.value
            )
            {%- endif %}
        order by bound
    {%- endset -%}
    {%- set values = run_query(bounds).columns[0].values() | map('string') -%}
    {#- Quoted for SQL, and for the pattern that they are put in place with. -#}
    {{ return(values | map('replace', "'", "''") | map('replace', '\\', '\\\\') | list) }}
{%- endmacro %}

{# The code of a model, once for each slice. #}
{% macro sliced_code(compiled_code, bounds) -%}
    {%- set codes = [] -%}
    {%- for number in range(bounds | length + 1) -%}
        {%- set above = "\\1 >= '" ~ bounds[number - 1] ~ "'" if number > 0 else 'true' -%}
        {%- set below = "\\1 < '" ~ bounds[number] ~ "'" if number < bounds | length else 'true' -%}
        {%- do codes.append(
            modules.re.sub('true /[*] slice of (.+?) [*]/', above ~ ' and ' ~ below, compiled_code)
        ) -%}
    {%- endfor -%}
    {{ return(codes) }}
{%- endmacro %}

{# In the place of the adapter's own macro, which makes the first slice; the others are added to it. #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set sliced = config.get('meta', {}).get('sliced') if language == 'sql' and not temporary -%}
    {%- set codes = sliced_code(compiled_code, slice_bounds(**sliced)) if sliced else [compiled_code] -%}
    {{ dbt.duckdb__create_table_as(temporary, relation, codes[0], language, partitioned_by, sorted_by) }}
    {%- for code in codes[1:] %}
    ;
    insert into {{ relation }} by name (
        {{ code }}
    )
    {%- endfor %}
{%- endmacro %}

{# The ways in which models are sliced. #}
{% macro sliced_by_reading(whole_posts=false) -%}
    {{ return({'table': 'raw.post_metrics', 'column': 'post_id', 'whole_posts': whole_posts}) }}
{%- endmacro %}

{% macro sliced_by_version() -%}
    {{ return({'table': 'intermediate.int_post_versions', 'column': 'post_id', 'whole_posts': true}) }}
{%- endmacro %}

{% macro sliced_by_key(table) -%}
    {{ return({'table': 'intermediate.' ~ table, 'column': 'post_key'}) }}
{%- endmacro %}

{% macro sliced_by_capture() -%}
    {{ return({'table': 'raw.accounts', 'column': 'captured_at', 'whole': "date_trunc('day', value)"}) }}
{%- endmacro %}
