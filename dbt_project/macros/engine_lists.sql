{# Lists, texts and JSON where DuckDB and Spark write them differently. #}

{# One row for each element; must be the whole of a column. #}
{% macro each_element(list) -%}
    {{ (adapter.dispatch('each_element') if adapter is defined else default__each_element)(list) }}
{%- endmacro %}
{% macro default__each_element(list) -%}unnest({{ list }}){%- endmacro %}
{% macro spark__each_element(list) -%}explode({{ list }}){%- endmacro %}

{# Number of elements; null for a null list. #}
{% macro list_length(list) -%}
    {{ (adapter.dispatch('list_length') if adapter is defined else default__list_length)(list) }}
{%- endmacro %}
{% macro default__list_length(list) -%}len({{ list }}){%- endmacro %}
{% macro spark__list_length(list) -%}array_size({{ list }}){%- endmacro %}

{# Element by position from 1; null beyond the end. #}
{% macro list_element(list, position) -%}
    {{ (adapter.dispatch('list_element') if adapter is defined else default__list_element)(list, position) }}
{%- endmacro %}
{% macro default__list_element(list, position) -%}{{ list }}[{{ position }}]{%- endmacro %}
{% macro spark__list_element(list, position) -%}
    try_element_at({{ list }}, nullif(cast({{ position }} as int), 0))
{%- endmacro %}

{# Median of a list that `sorted_list` has made. #}
{% macro list_middle(list) -%}
    {{ (adapter.dispatch('list_middle') if adapter is defined else default__list_middle)(list) }}
{%- endmacro %}
{% macro default__list_middle(list) -%}list_median({{ list }}){%- endmacro %}
{% macro spark__list_middle(list) -%}
    (
        try_element_at({{ list }}, cast((array_size({{ list }}) + 1) div 2 as int))
        + try_element_at({{ list }}, cast(array_size({{ list }}) div 2 + 1 as int))
    ) / 2
{%- endmacro %}

{# A list without elements, for whole numbers. #}
{% macro empty_list() -%}
    {{ (adapter.dispatch('empty_list') if adapter is defined else default__empty_list)() }}
{%- endmacro %}
{% macro default__empty_list() -%}[]{%- endmacro %}
{% macro spark__empty_list() -%}cast(array() as array<int>){%- endmacro %}

{# A text with quotes in it. DuckDB doubles a quote in a literal; Spark, which takes literals as they stand, cannot. #}
{% macro quoted(text) -%}('{{ text | replace("'", "' || chr(39) || '") }}'){%- endmacro %}

{# True if the pattern occurs in the text. #}
{% macro has_match(text, pattern) -%}
    {{ (adapter.dispatch('has_match') if adapter is defined else default__has_match)(text, pattern) }}
{%- endmacro %}
{% macro default__has_match(text, pattern) -%}regexp_matches({{ text }}, {{ pattern }}){%- endmacro %}
{% macro spark__has_match(text, pattern) -%}regexp_like({{ text }}, {{ pattern }}){%- endmacro %}

{# The text with every occurrence of the pattern replaced. #}
{% macro replace_matches(text, pattern, replacement) -%}
    {{
        (adapter.dispatch('replace_matches') if adapter is defined else default__replace_matches)
        (text, pattern, replacement)
    }}
{%- endmacro %}
{% macro default__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}
{% macro spark__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{%- endmacro %}

{# Text at a path of a JSON document; null where it is missing. #}
{% macro json_text(document, path) -%}
    {{ (adapter.dispatch('json_text') if adapter is defined else default__json_text)(document, path) }}
{%- endmacro %}
{% macro default__json_text(document, path) -%}{{ document }} ->> {{ path }}{%- endmacro %}
{% macro spark__json_text(document, path) -%}get_json_object({{ document }}, {{ path }}){%- endmacro %}

{# The text without the mark before three last digits of a number: 1,001 and 1.001 and 1 001 become 1001. #}
{% macro without_thousands_marks(text) -%}
    {{ (adapter.dispatch('without_thousands_marks') if adapter is defined else default__without_thousands_marks)(text) }}
{%- endmacro %}
{% macro default__without_thousands_marks(text) -%}
    regexp_replace({{ text }}, '([0-9])[ .,''’]([0-9]{3})($|[^0-9])', '\1\2\3', 'g')
{%- endmacro %}
{% macro spark__without_thousands_marks(text) -%}
    regexp_replace({{ text }}, "([0-9])[ .,'’]([0-9]{3})($|[^0-9])", '$1$2$3')
{%- endmacro %}

{# Order in which the rows of a table were read, within one file. #}
{% macro read_position() -%}
    {{ (adapter.dispatch('read_position') if adapter is defined else default__read_position)() }}
{%- endmacro %}
{% macro default__read_position() -%}rowid{%- endmacro %}
{% macro spark__read_position() -%}monotonically_increasing_id(){%- endmacro %}
