{% test no_overlap(model, keys, start, end) %}
-- Stretches of one key that reach into each other.
select *
from (
    select
        {{ keys | join(', ') }},
        {{ start }},
        max({{ end }}) over (
            partition by {{ keys | join(', ') }} order by {{ start }} rows between unbounded preceding and 1 preceding
        ) as reached
    from {{ model }}
) as reached_before
where {{ start }} < reached
{% endtest %}
