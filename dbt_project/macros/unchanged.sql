{# A table is left as it is where nothing that it is made from has changed since it was made: the next model down cannot
   tell the difference. New rows reach most tables of the project and change few of them. `raw.table_contents` holds for
   each relation what it was made from, as one hash over its code and the contents of its parents, and what it contains.
   It is written in the transaction that makes the table, emptied by a full build, and read only after a whole one. #}

{% macro is_kept(relation) -%}
    {%- set lists_news = this.table.endswith('_new') or this.table.endswith('_changed') -%}
    {%- if not is_incremental_run() or lists_news or load_cached_relation(relation) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set query -%}
        select count(*) from raw.table_contents
        where name = '{{ this.schema }}.{{ this.table }}' and made_from = ({{ made_from() }})
    {%- endset -%}
    {{ return(run_query(query).rows[0][0] > 0) }}
{%- endmacro %}

{# Null if the contents of a parent are not known. Seeds do not change between two full builds. #}
{% macro made_from() -%}
    {%- set parents = [] -%}
    {%- for reference in model.refs -%}
        {%- set parent = ref(reference.name) -%}
        {%- if parent.schema != 'seeds' -%}
            {%- do parents.append("'" ~ parent.schema ~ '.' ~ parent.identifier ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set parents = parents | unique | list -%}
    {%- set tables = model.sources | map('last') | unique | list -%}
    select
        case when count(contents) = {{ parents | length + tables | length }} then md5(
            '{{ local_md5(compiled_code) }}' || coalesce(string_agg(name || ' ' || contents, ' ' order by name), '')
        ) end
    from (
        select name, contents from raw.table_contents where name in ({{ (parents + ["''"]) | join(', ') }})
        {%- for table in tables %}
        union all
        select 'raw.{{ table }}', coalesce(max(lake_sequence), 0)::varchar from {{ source('raw', table) }}
        {%- endfor %}
    )
{%- endmacro %}

{# The statements that record a relation. `contents` is an SQL expression; a table made in full is hashed, whatever the
   order of its rows. #}
{% macro record_contents(relation, contents=none) -%}
    delete from raw.table_contents where name = '{{ this.schema }}.{{ this.table }}';
    insert into raw.table_contents by name
    select
        '{{ this.schema }}.{{ this.table }}' as name,
        ({{ made_from() }}) as made_from,
        {% if contents -%}
        {{ contents }}
        {%- else -%}
        (select count(*) || ' ' || coalesce(sum(hash(each_row)::hugeint), 0) from {{ relation }} as each_row)
        {%- endif %} as contents;
{%- endmacro %}

{# A view contains what its parents do. One with `is_compared` shows a part of them that seldom changes: it is read and
   hashed like a table, which costs less than making what follows from it. #}
{% macro contents_of_view() -%}
    {%- if not config.get('meta', {}).get('is_compared') -%} ({{ made_from() }}) {%- endif -%}
{%- endmacro %}

{# An incremental table counts as changed as soon as any of its keys is. #}
{% macro record_part(relation) -%}
    {%- set changed = config.get('meta', {}).get('changed_keys') -%}
    {%- if not (changed and is_incremental()) or run_query('from ' ~ ref(changed) ~ ' limit 1').rows -%}
        {{ record_contents(relation, "'" ~ invocation_id ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro prepare_contents() -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- do run_query(
        'create table if not exists raw.table_contents (name varchar not null, made_from varchar, contents varchar)'
    ) -%}
    {%- if flags.FULL_REFRESH -%} {%- do run_query('delete from raw.table_contents') -%} {%- endif -%}
{%- endmacro %}
