{# Weeks of an account: from the reading used as one week's end to that of the next. #}

{# Monday of the ISO week of a moment or day. #}
{% macro iso_week(moment) -%}
    cast(date_trunc('week', {{ moment }}) as date)
{%- endmacro %}

{# Monday of the week that a moment belongs to: of its ISO week, unless the reading that begins or ends this week of the
   account puts the moment on the other side. The moment of a reading comes before it. `week`: the row of
   int_account_week_intervals of the account and ISO week, joined to the left. #}
{% macro week_of(moment, week) -%}
    case
        when {{ moment }} <= {{ week }}.reading_start_at then {{ iso_week(moment) }} - 7
        when {{ moment }} > {{ week }}.reading_end_at then {{ iso_week(moment) }} + 7
        else {{ iso_week(moment) }}
    end
{%- endmacro %}

{# When a week begins and ends: at its reading, without one on Monday 00:00. #}
{% macro week_begin(reading_start_at, week_start_date) -%}
    coalesce({{ reading_start_at }}, {{ midnight(week_start_date) }})
{%- endmacro %}
{% macro week_end(reading_end_at, week_start_date) -%}
    coalesce({{ reading_end_at }}, {{ midnight(week_start_date ~ ' + 7') }})
{%- endmacro %}

{# The moment at which a day begins. #}
{% macro midnight(date) -%}
    cast({{ date }} as {{ type_utc_time() }})
{%- endmacro %}

{# Days between two moments, with their fraction. #}
{% macro days_apart(earlier, later) -%}
    {{ divide(epoch_seconds(later) ~ ' - ' ~ epoch_seconds(earlier), 86400) }}
{%- endmacro %}

{# True where the reading before the end of the week is at least as near to it as the one after, or the only one. #}
{% macro is_nearer_before(name) -%}
    {{ name }}_after_at is null or coalesce(
        {{ days_apart(name ~ '_before_at', midnight('week_start_date + 7')) }}
        <= {{ days_apart(midnight('week_start_date + 7'), name ~ '_after_at') }},
        false
    )
{%- endmacro %}
