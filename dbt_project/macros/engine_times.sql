{# Days, times and number types where DuckDB and Spark write them differently. #}

{# Whole days from the one date to the other. #}
{% macro days_between(earlier, later) -%}
    {{ (adapter.dispatch('days_between') if adapter is defined else default__days_between)(earlier, later) }}
{%- endmacro %}
{% macro default__days_between(earlier, later) -%}({{ later }} - {{ earlier }}){%- endmacro %}
{% macro spark__days_between(earlier, later) -%}date_diff({{ later }}, {{ earlier }}){%- endmacro %}

{# One row for each day (or every so many days, or months) from the first to the last; must be the whole of a column. #}
{% macro each_day(first, last, step=1, unit='day') -%}
    {{ (adapter.dispatch('each_day') if adapter is defined else default__each_day)(first, last, step, unit) }}
{%- endmacro %}
{% macro default__each_day(first, last, step, unit) -%}
    cast(unnest(generate_series({{ first }}, {{ last }}, interval {{ step }} {{ unit }})) as date)
{%- endmacro %}
{% macro spark__each_day(first, last, step, unit) -%}
    explode(
        case
            when cast({{ first }} as date) <= cast({{ last }} as date)
                then sequence(cast({{ first }} as date), cast({{ last }} as date), interval {{ step }} {{ unit }})
        end
    )
{%- endmacro %}

{# Borders of full seconds or hours that lie between the two times. #}
{% macro time_between(unit, earlier, later) -%}
    {{ (adapter.dispatch('time_between') if adapter is defined else default__time_between)(unit, earlier, later) }}
{%- endmacro %}
{% macro default__time_between(unit, earlier, later) -%}
    date_diff('{{ unit }}', {{ earlier }}, {{ later }})
{%- endmacro %}
{% macro spark__time_between(unit, earlier, later) -%}
    {%- set seconds = {'second': 1, 'hour': 3600}[unit] -%}
    (floor(unix_seconds({{ later }}) / {{ seconds }}) - floor(unix_seconds({{ earlier }}) / {{ seconds }}))
{%- endmacro %}

{# Seconds since 1970 with their fraction. #}
{% macro epoch_seconds(time) -%}
    {{ (adapter.dispatch('epoch_seconds') if adapter is defined else default__epoch_seconds)(time) }}
{%- endmacro %}
{% macro default__epoch_seconds(time) -%}epoch({{ time }}){%- endmacro %}
{% macro spark__epoch_seconds(time) -%}(unix_micros({{ time }}) / 1e6){%- endmacro %}

{# Type of a time in UTC. #}
{% macro type_utc_time() -%}
    {{ (adapter.dispatch('type_utc_time') if adapter is defined else default__type_utc_time)() }}
{%- endmacro %}
{% macro default__type_utc_time() -%}timestamptz{%- endmacro %}
{% macro spark__type_utc_time() -%}timestamp{%- endmacro %}

{# Type of a whole number that products of two counts fit in. #}
{% macro type_large_number() -%}
    {{ (adapter.dispatch('type_large_number') if adapter is defined else default__type_large_number)() }}
{%- endmacro %}
{% macro default__type_large_number() -%}hugeint{%- endmacro %}
{% macro spark__type_large_number() -%}decimal(38, 0){%- endmacro %}

{# The nearest whole number, of two as near the even one. #}
{% macro nearest_whole(value) -%}
    {{ (adapter.dispatch('nearest_whole') if adapter is defined else default__nearest_whole)(value) }}
{%- endmacro %}
{% macro default__nearest_whole(value) -%}cast({{ value }} as bigint){%- endmacro %}
{% macro spark__nearest_whole(value) -%}cast(bround({{ value }}) as bigint){%- endmacro %}

{# The time halfway between two times, to the microsecond below. #}
{% macro middle_time(earlier, later) -%}
    {{ (adapter.dispatch('middle_time') if adapter is defined else default__middle_time)(earlier, later) }}
{%- endmacro %}
{% macro default__middle_time(earlier, later) -%}
    make_timestamptz((epoch_us({{ earlier }}) + epoch_us({{ later }})) // 2)
{%- endmacro %}
{% macro spark__middle_time(earlier, later) -%}
    timestamp_micros((unix_micros({{ earlier }}) + unix_micros({{ later }})) div 2)
{%- endmacro %}

{# Before and after every time that a source can state. #}
{% macro start_of_time() -%}cast('1900-01-01' as {{ type_utc_time() }}){%- endmacro %}
{% macro end_of_time() -%}cast('2200-01-01' as {{ type_utc_time() }}){%- endmacro %}
