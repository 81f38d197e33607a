with

days as (
    select * from {{ ref('int_growth_own_days') }}
)

select
    account_key,
    date,
    new_follow_count,
    unfollow_count,
    net_follow_count,
    follow_basis,
    post_count,
    original_post_count,
    post_follow_count,
    response_basis,
    response_count
from days
