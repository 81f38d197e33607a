{# The constraints that a model's properties declare (not_null, unique, primary_key, check), held for every model, seed and
   incremental table by one scan before its transaction ends: a build that breaks one changes nothing. DuckDB's own
   constraints would build an index for each key and name no rows. Spark's tables are compared instead (spark/check.py). #}
{% macro hold_constraints(relation=this) -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set rules = declared_constraints() -%}
        {%- if rules -%}
            {%- set counts = run_query(count_broken(rules, relation)).rows[0] -%}
            {%- set found = [] -%}
            {%- for rule in rules -%}
                {%- if counts[loop.index] -%}
                    {%- do found.append(describe_broken(rule, counts[loop.index], relation)) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if found -%}
                {{ exceptions.raise_compiler_error(
                    'broken constraint of ' ~ this.schema ~ '.' ~ this.table ~ ': ' ~ found | join('; ')
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Each as {words, columns, broken}: `broken` is a condition on a row, or none where `columns` must be unique. #}
{% macro declared_constraints() -%}
    {%- set rules = [] -%}
    {%- for constraint in model.get('constraints', []) if constraint.type == 'unique' -%}
        {%- set key = constraint.columns | join(', ') -%}
        {%- do rules.append({'words': key ~ ' is unique', 'columns': constraint.columns, 'broken': none, 'given': 'true'}) -%}
    {%- endfor -%}
    {%- for name, column in model.columns.items() -%}
        {%- for constraint in column.constraints -%}
            {%- if constraint.type in ['not_null', 'primary_key'] -%}
                {%- do rules.append({'words': name ~ ' is not null', 'columns': [name], 'broken': name ~ ' is null'}) -%}
            {%- endif -%}
            {%- if constraint.type in ['unique', 'primary_key'] -%}
                {%- do rules.append(
                    {'words': name ~ ' is unique', 'columns': [name], 'broken': none, 'given': name ~ ' is not null'}
                ) -%}
            {%- endif -%}
            {%- if constraint.type == 'check' -%}
                {%- set broken = 'not (' ~ constraint.expression ~ ')' -%}
                {%- do rules.append({'words': constraint.expression, 'columns': [name], 'broken': broken}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# One row: how many rows there are, then the number of broken rows (or of keys that occur more than once) for each rule. #}
{% macro count_broken(rules, relation) -%}
    select
        count(*),
    {% for rule in rules %}
        {% if rule.broken %}
            count(*) filter (where {{ rule.broken }})
        {% else %}
            (select count(*) from ({{ repeated_keys(rule, relation) }}))
        {% endif %}
        {{ ',' if not loop.last }}
    {% endfor %}
    from {{ relation }}
{%- endmacro %}

{% macro repeated_keys(rule, relation) -%}
    {%- set key = rule.columns | join(', ') -%}
    select {{ key }} from {{ relation }} where {{ rule.given }} group by {{ key }} having count(*) > 1
{%- endmacro %}

{# The rule, how often it is broken, and up to three examples, each with the key of its row. #}
{% macro describe_broken(rule, count, relation) -%}
    {%- set keys = model.get('constraints', []) | selectattr('type', 'equalto', 'unique') | map(attribute='columns') | list -%}
    {%- set singles = [] -%}
    {%- for name, column in model.columns.items() -%}
        {%- for constraint in column.constraints if constraint.type in ['unique', 'primary_key'] -%}
            {%- do singles.append([name]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if rule.broken -%}
        {%- set shown = ((keys + singles + [[]])[0] + rule.columns) | unique | list -%}
        {%- set examples = 'select ' ~ shown | join(', ') ~ ' from ' ~ relation ~ ' where ' ~ rule.broken -%}
    {%- else -%}
        {%- set shown = rule.columns -%}
        {%- set examples = repeated_keys(rule, relation) -%}
    {%- endif -%}
    {%- set rows = [] -%}
    {%- for row in run_query('from (' ~ examples ~ ') order by all limit 3').rows -%}
        {%- set cells = [] -%}
        {%- for name in shown -%}
            {%- set value = row[loop.index0] -%}
            {%- do cells.append(name ~ '=' ~ ('null' if value is none else value | string | truncate(40, true))) -%}
        {%- endfor -%}
        {%- do rows.append(cells | join(' ')) -%}
    {%- endfor -%}
    {%- set counted = count ~ (' row' if rule.broken else ' key') ~ ('s' if count > 1 else '') -%}
    {{ return(rule.words ~ ' fails for ' ~ counted ~ ', such as ' ~ rows | join(' / ')) }}
{%- endmacro %}
