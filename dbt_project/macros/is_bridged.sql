{# Whether a handle is one that a bridge gives to its copies of accounts on another platform: Bridgy Fed's on Bluesky and
   Mastodon, and those of Threads, which Mastodon shows as accounts of a server of its own. #}
{% macro is_bridged(handle) -%}
    coalesce(
        lower({{ handle }}) like '%.brid.gy'
        or lower({{ handle }}) like '%@threads.net'
        or lower({{ handle }}) like '%@threads.com',
        false
    )
{%- endmacro %}
