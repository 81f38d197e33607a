{# Periods of days, by their first and their last day: a few rows where the days themselves would be millions. #}

{# Query that joins periods which overlap or follow each other; the others stay apart. #}
{% macro joined_periods(periods, keys) -%}
    {%- set listed = keys | join(', ') -%}
    select
        {{ listed }},
        min(start_date) as start_date,
        max(end_date) as end_date
    from (
        select
            reached.*,
            count(*) filter (where start_date > reached_date + 1 or reached_date is null) over (
                -- Of equal periods the first is the one that reached nothing: without this they can change places.
                partition by {{ listed }} order by start_date, end_date, reached_date nulls first
                rows unbounded preceding
            ) as period_number
        from (
            select
                {{ periods }}.*,
                max(end_date) over (
                    partition by {{ listed }} order by start_date, end_date
                    rows between unbounded preceding and 1 preceding
                ) as reached_date
            from {{ periods }}
        ) as reached
    ) as numbered
    group by {{ listed }}, period_number
{%- endmacro %}
