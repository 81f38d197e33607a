{# How people call a platform; one that is not known keeps its own word. #}
{% macro platform_name(platform) -%}
case {{ platform }}
        when 'x' then 'X' when 'bluesky' then 'Bluesky' when 'mastodon' then 'Mastodon' when 'linkedin' then 'LinkedIn'
        else {{ platform }}
    end
{%- endmacro %}
