-- Account: in how many of its last weeks that a source of posts covers it posted something of its own.
with

weeks as (
    select
        account_key,
        week_start_date,
        original_post_count > 0 as is_active,
        row_number() over (partition by account_key order by week_start_date desc) as place
    from {{ ref('int_account_week_posts') }}
)

select
    account_key,
    count(*) as week_count,
    count(*) filter (where is_active) as active_week_count,
    {{ divide('1.0 * count(*) filter (where is_active)', 'count(*)') }} as active_share,
    cast(max(week_start_date) as date) + 6 as as_of_date
from weeks
where place <= {{ threshold('playbook_weeks') }}
group by account_key
