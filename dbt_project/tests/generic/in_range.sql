{# Fails with every value outside the closed range; a null is not a value. #}
{% test in_range(model, column_name, low=None, high=None) %}
select {{ column_name }}
from {{ model }}
where
    false
    {% if low is not none %}or {{ column_name }} < {{ low }}{% endif %}
    {% if high is not none %}or {{ column_name }} > {{ high }}{% endif %}
{% endtest %}
