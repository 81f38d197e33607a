{# Rows of a staging model with `account_key`: by id, by the account that held the handle at the time of the reading, else
   by the handle itself. Of a table of readings (snapshots) nothing else is known. An export or a line of the registry is
   of an account that a person named, perhaps by a handle that it no longer has or did not have yet: there the nearest
   holder counts where nobody is known to have held it. #}
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
            and {{ model }}.captured_at >= int_account_identities.valid_from
            and {{ model }}.captured_at < int_account_identities.valid_to
            {%- if model.startswith('stg_account_snapshots') %}
            and int_account_identities.is_held
            {%- endif %}
{%- endmacro %}
