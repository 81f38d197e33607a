with

-- Any version of a chain names all of them, oldest first.
named as (
    select
        platform,
        {{ each_element('edit_history_ids') }} as post_id,
        {{ list_element('edit_history_ids', 1) }} as edit_root_id
    from {{ ref('stg_posts_new') }}
    where {{ list_length('edit_history_ids') }} > 1
    {%- if is_incremental_run() %}
    union all
    select platform, post_id, edit_root_id
    from {{ this }}
    {%- endif %}
)

select platform, post_id, min(edit_root_id) as edit_root_id
from named
group by platform, post_id
