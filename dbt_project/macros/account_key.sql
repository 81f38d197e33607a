{# Rows of a staging model with `account_key`: by id, by the id last seen for the handle, else by the handle itself. #}
{% macro with_account_key(model) -%}
    select
        {{ model }}.*,
        {{ model }}.platform || ':'
        || coalesce({{ model }}.account_id, int_account_identities.account_id, '@' || lower({{ model }}.handle))
            as account_key
    from {{ ref(model) }} as {{ model }}
    left join {{ ref('int_account_identities') }} as int_account_identities
        on
            {{ model }}.platform = int_account_identities.platform
            and lower({{ model }}.handle) = int_account_identities.handle_key
{%- endmacro %}
