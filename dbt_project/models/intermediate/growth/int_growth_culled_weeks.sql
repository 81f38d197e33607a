{% set churn_model = var('spam_and_cull_weeks_model', none) -%}
{% if churn_model -%}
select distinct account_key, week_start_date
from {{ ref(churn_model) }}
{%- else -%}
select
    cast(null as string) as account_key,
    cast(null as date) as week_start_date
where false
{%- endif %}
