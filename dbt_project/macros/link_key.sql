{# A link as people write it in one form, host/path?query: no scheme, no www., no fragment, no slash at the end; the host
   in lower case, the rest as it is, because short links tell upper from lower case. `files.links` does the same for
   what a source counts. Empty where the text has no host. #}
{% macro link_key(url) -%}
    lower(regexp_extract({{ url }}, '^(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:[Ww][Ww][Ww][.])?([^/?#]+)', 1))
    || regexp_replace(
        regexp_extract({{ url }}, '^(?:[Hh][Tt][Tt][Pp][Ss]?://)?[^/?#]+([^#]*)', 1), '/+$', ''
    )
{%- endmacro %}
