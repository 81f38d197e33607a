with

days as (
    select * from {{ ref('int_growth_own_days') }}
),

-- Days on which both sides are known: all follows of the day, and those that the platform states for its posts.
sums as (
    select
        account_key,
        count(*) as reported_day_count,
        count(post_follow_count) as day_count,
        min(date) filter (where post_follow_count is not null) as first_date,
        max(date) filter (where post_follow_count is not null) as last_date,
        cast(sum(new_follow_count) filter (where post_follow_count is not null) as bigint) as new_follow_count,
        cast(sum(post_follow_count) as bigint) as post_follow_count,
        count(*) filter (where post_count = 0) as silent_day_count,
        cast(sum(new_follow_count) filter (where post_count = 0) as bigint) as silent_day_follow_count
    from days
    group by account_key
),

associated as (
    select account_key, estimate, conf_low, conf_high, status, status_reason
    from {{ ref('int_growth_own_estimates') }}
    where specification = 'same_day' and term = 'follows_with_posts'
)

select
    sums.account_key,
    sums.first_date,
    sums.last_date,
    sums.day_count,
    sums.new_follow_count,
    sums.post_follow_count,
    round({{ divide('sums.post_follow_count', 'sums.new_follow_count') }}, 12) as post_follow_share,
    sums.new_follow_count - sums.post_follow_count as unattributed_follow_count,
    sums.silent_day_count,
    sums.silent_day_follow_count,
    associated.estimate as associated_follow_count,
    associated.conf_low as associated_follow_count_low,
    associated.conf_high as associated_follow_count_high,
    case
        when sums.day_count = 0
            then 'No export of posts covers a day whose new follows are known.'
        else
            'Of ' || sums.new_follow_count || ' new follows on ' || sums.day_count || ' days, the platform states '
            || sums.post_follow_count || ' for single posts: a lower bound of what posts bring. '
            || (sums.new_follow_count - sums.post_follow_count) || ' are not attributed. '
            || case
                when associated.status = 'ok'
                    then
                        'By the model of days ' || cast(round(associated.estimate) as bigint) || ' ('
                        || cast(round(associated.conf_low) as bigint) || ' to '
                        || cast(round(associated.conf_high) as bigint)
                        || ') go with days on which something was posted: an association.'
                else 'The days cannot carry a model: ' || associated.status_reason || '.'
            end
    end as statement,
    case when sums.day_count = 0 then 'insufficient_data' else associated.status end as status,
    case
        when sums.day_count = 0 then 'no export of posts covers a day whose new follows are known'
        else associated.status_reason
    end as status_reason
from sums
inner join associated on sums.account_key = associated.account_key
