-- Accounts whose days are compared: own ones first, then others in an order that no figure has a part in.
with

posts as (
    select account_key, cast(min(created_at) as date) as first_date, cast(max(created_at) as date) as last_date
    from {{ ref('int_engagement_relative') }}
    where relative_engagement is not null
    group by account_key
),

ranked as (
    select
        posts.*,
        accounts.is_own,
        row_number() over (order by accounts.is_own desc, md5(posts.account_key)) as place
    from posts
    inner join {{ ref('accounts') }} as accounts on posts.account_key = accounts.account_key
    where not accounts.is_bridged
)

select account_key, is_own, first_date, last_date
from ranked
where place <= {{ threshold('timing_accounts_to') }}
