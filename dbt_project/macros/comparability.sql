{# What of a platform's reactions differs from the others; next to every figure of reactions. #}
{% macro comparability_note(platform, age_basis) -%}
case {{ platform }}
        when 'linkedin' then 'LinkedIn: reactions, comments and reposts; its own engagement counts clicks as well and is not compared'
        when 'mastodon' then 'Mastodon: favourites, boosts, replies and, from servers that count them, quotes'
        when 'bluesky' then 'Bluesky: likes, reposts, replies and quotes'
        when 'x' then 'X: likes, reposts, replies and quotes'
        else {{ platform }}
    end
    || case
        when {{ age_basis }} = 'export' then '; as an export states them, at a week of age or more: older posts had more time'
        else '; a week after posting'
    end
{%- endmacro %}
