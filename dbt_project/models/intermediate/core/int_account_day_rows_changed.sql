-- Account x day whose row may differ from the build before, from its first changed day on, with the day before each;
-- empty in a full build.
{%- set before = previous_relation('marts', 'account_days') %}
with

reported as (
    {{ with_account_key('stg_account_daily') }}
    where {{ is_new_row() }}
),

touched as (
    select account_key, date from {{ ref('int_account_days_changed') }}
    union
    select account_key, date from reported
),

-- A total of followers, or a net gain, changes what is derived for all days of its account.
changed as (
    select account_key, date from touched
    union
    select account_key, min(date) as date
    from {{ ref('int_account_days_reported') }}
    where platform = 'linkedin' and account_key in (select touched.account_key from touched)
    group by account_key
),

{%- if before %}
lasts as (
    select account_key, max(date) as last_date
    from {{ before }}
    group by account_key
),

-- A day that was missed is a row as well once there is a later one.
ranges as (
    select
        changed.account_key,
        least(min(changed.date), max(lasts.last_date) + 1) as first_date,
        greatest(max(changed.date), max(lasts.last_date)) as last_date
    from changed
    left join lasts on changed.account_key = lasts.account_key
    group by changed.account_key
),
{%- else %}
ranges as (
    select account_key, date as first_date, date as last_date
    from changed
    where false
),
{%- endif %}

days as (
    select
        account_key,
        {{ each_day('first_date', 'last_date') }} as date
    from ranges
)

select account_key, date, date as read_date
from days
union all
select account_key, date, date - 1 as read_date
from days
