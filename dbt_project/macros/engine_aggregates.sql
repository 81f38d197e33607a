{# Aggregates that DuckDB and Spark write differently; what both understand is written out in the
   models. `adapter` is not defined under the linter. #}

{# A sum that does not depend on the order of its terms beyond the last digits. #}
{% macro precise_sum(value) -%}
    {{ (adapter.dispatch('precise_sum') if adapter is defined else default__precise_sum)(value) }}
{%- endmacro %}
{% macro default__precise_sum(value) -%}fsum({{ value }}){%- endmacro %}
{% macro spark__precise_sum(value) -%}sum(cast({{ value }} as double)){%- endmacro %}

{# The mean to the same precision. #}
{% macro precise_mean(value) -%}
    {{ (adapter.dispatch('precise_mean') if adapter is defined else default__precise_mean)(value) }}
{%- endmacro %}
{% macro default__precise_mean(value) -%}favg({{ value }}){%- endmacro %}
{% macro spark__precise_mean(value) -%}avg({{ value }}){%- endmacro %}

{# The mean to nine decimals of values that have no more: added up as decimals, because such a mean lies on the border of
   the ninth often enough to show in which order doubles were added. #}
{% macro decimal_mean(value) -%}
    round({{ divide('sum(cast(' ~ value ~ ' as decimal(38, 9)))', 'count(' ~ value ~ ')') }}, 9)
{%- endmacro %}

{# The last value of a window that is not null; its `over` follows. #}
{% macro last_known(value) -%}
    {{ (adapter.dispatch('last_known') if adapter is defined else default__last_known)(value) }}
{%- endmacro %}
{% macro default__last_known(value) -%}last_value({{ value }} ignore nulls){%- endmacro %}
{% macro spark__last_known(value) -%}last_value({{ value }}) ignore nulls{%- endmacro %}

{# The values of a group that are not null, smallest first; null where there are none. #}
{% macro sorted_list(value) -%}
    {{ (adapter.dispatch('sorted_list') if adapter is defined else default__sorted_list)(value) }}
{%- endmacro %}
{% macro default__sorted_list(value) -%}
    list_sort(list({{ value }}) filter (where {{ value }} is not null))
{%- endmacro %}
{% macro spark__sorted_list(value) -%}
    nullif(array_sort(array_agg({{ value }}) filter (where {{ value }} is not null)), array())
{%- endmacro %}

{# Texts of a group in one, by the order of a column, of the rows that meet the condition. #}
{% macro joined_texts(text, order, condition) -%}
    {{ (adapter.dispatch('joined_texts') if adapter is defined else default__joined_texts)(text, order, condition) }}
{%- endmacro %}
{% macro default__joined_texts(text, order, condition) -%}
    string_agg({{ text }}, ', ' order by {{ order }}) filter (where {{ condition }})
{%- endmacro %}
{% macro spark__joined_texts(text, order, condition) -%}
    listagg({{ text }}, ', ') within group (order by {{ order }}) filter (where {{ condition }})
{%- endmacro %}

{# The sum of the columns that are not null; null where all of them are. #}
{% macro sum_of_known(columns) -%}
    {{ (adapter.dispatch('sum_of_known') if adapter is defined else default__sum_of_known)(columns) }}
{%- endmacro %}
{% macro default__sum_of_known(columns) -%}list_sum([{{ columns | join(', ') }}]){%- endmacro %}
{% macro spark__sum_of_known(columns) -%}
    case
        when coalesce({{ columns | join(', ') }}) is not null
            then {% for column in columns %}coalesce({{ column }}, 0){{ ' + ' if not loop.last }}{% endfor %}
    end
{%- endmacro %}

{# The value below which a share of the values lies, between two values in proportion. #}
{% macro quantile(value, share) -%}
    {{ (adapter.dispatch('quantile') if adapter is defined else default__quantile)(value, share) }}
{%- endmacro %}
{% macro default__quantile(value, share) -%}quantile_cont({{ value }}, {{ share }}){%- endmacro %}
{% macro spark__quantile(value, share) -%}percentile({{ value }}, {{ share }}){%- endmacro %}

{# Before the query of a CTE: DuckDB finishes it, on disk where memory is short, before it begins what reads it. #}
{% macro materialized() -%}
    {{ (adapter.dispatch('materialized') if adapter is defined else default__materialized)() }}
{%- endmacro %}
{% macro default__materialized() -%}materialized{%- endmacro %}
{% macro spark__materialized() -%}{%- endmacro %}
