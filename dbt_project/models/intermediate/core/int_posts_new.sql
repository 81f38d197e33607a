-- Post version that new rows touch, or name as another version of theirs; empty in a full build.
{%- set before = previous_relation('intermediate', 'int_post_versions') %}
with

arrived as (
    select platform, post_id
    from {{ ref('stg_posts_new') }}
    union
    select platform, {{ each_element('edit_history_ids') }} as post_id
    from {{ ref('stg_posts_new') }}
    where {{ list_length('edit_history_ids') }} > 1
    union
    select platform, post_id
    from {{ ref('stg_post_metrics_new') }}
)

select
    arrived.platform,
    arrived.post_id,
    arrived.platform || ':' || arrived.post_id as post_version_key,
    {%- if before %}
    before.edit_root_id as edit_root_id_before
    {%- else %}
    cast(null as string) as edit_root_id_before
    {%- endif %}
from arrived
{%- if before %}
left join {{ before }} as before on arrived.platform = before.platform and arrived.post_id = before.post_id
{%- else %}
where false
{%- endif %}
