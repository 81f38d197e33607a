{# Closed ranges and vocabularies that many columns share; a null is not a value. #}

{# A share or a probability: 0 to 1. #}
{% test is_share(model, column_name) %}
select {{ column_name }} from {{ model }} where {{ column_name }} not between 0 and 1
{% endtest %}

{% test is_not_negative(model, column_name) %}
select {{ column_name }} from {{ model }} where {{ column_name }} < 0
{% endtest %}

{# Status of an estimate. #}
{% test is_estimate_status(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} not in ('ok', 'insufficient_data', 'not_testable', 'suppressed')
{% endtest %}
