-- Post whose row for some age of comparison may have changed since the build before; empty in a full build.
{%- set before = as_left_before('marts', 'post_ages') %}
select post_key
from {{ ref('int_posts_changed') }}
{%- if before %}
union
-- These go on to another reason by the mere passing of time.
select post_key
from {{ before }}
where status_reason = 'the post was younger at the last reading'
{%- endif %}
