with

posts as (
    select
        account_key,
        relative_engagement,
        rank_share,
        account_post_count,
        -- Session time zone is UTC; Monday is 1.
        {{ days_between("cast(date_trunc('week', created_at) as date)", 'cast(created_at as date)') }} + 1 as weekday,
        cast(
            floor({{ divide('hour(created_at)', threshold('timing_hours')) }}) * {{ threshold('timing_hours') }}
            as bigint
        ) as hour_from
    from {{ ref('int_engagement_relative') }}
    -- Null where none of the account's posts drew a reaction: there is no mean to compare with.
    where relative_engagement is not null
),

cut as (
    select
        account_key,
        relative_engagement,
        rank_share,
        account_post_count,
        bases.time_basis,
        case when bases.time_basis <> 'hour' then posts.weekday end as weekday,
        case when bases.time_basis <> 'weekday' then posts.hour_from end as hour_from
    from posts
    cross join (values ('weekday_and_hour'), ('weekday'), ('hour')) as bases (time_basis)
)

select
    account_key,
    time_basis,
    weekday,
    hour_from,
    count(*) as post_count,
    {{ decimal_mean('relative_engagement') }} as mean_value,
    round(stddev_samp(relative_engagement), 9) as sd_value,
    {{ decimal_mean('rank_share') }} as mean_rank_share,
    any_value(account_post_count) as account_post_count,
    {{ sorted_list('relative_engagement') }} as sorted_values
from cut
group by account_key, time_basis, weekday, hour_from
