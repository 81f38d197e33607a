with

days as (
    select * from {{ ref('int_growth_own_days') }}
    where new_follow_count is not null
),

-- Days on which both sides are known: all follows of the day, and those that the platform states for its posts.
sums as (
    select
        account_key,
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
),

-- Follows made from posts say nothing about all new follows.
posts_only as (
    select account_key, cast(sum(new_follow_count) as bigint) as post_follow_count
    from {{ ref('int_posts') }}
    where new_follow_count is not null and account_key not in (select sums.account_key from sums)
    group by account_key
),

parts as (
    select
        sums.*,
        associated.estimate,
        associated.conf_low,
        associated.conf_high,
        case when sums.day_count = 0 then 'insufficient_data' else associated.status end as status,
        case
            when sums.day_count = 0 then 'no export of posts covers a day whose new follows are known'
            else associated.status_reason
        end as status_reason
    from sums
    inner join associated on sums.account_key = associated.account_key
    union all
    select
        account_key,
        0 as day_count,
        null as first_date,
        null as last_date,
        null as new_follow_count,
        post_follow_count,
        null as silent_day_count,
        null as silent_day_follow_count,
        null as estimate,
        null as conf_low,
        null as conf_high,
        'insufficient_data' as status,
        'only the account overview of X Analytics states all new follows, and it was not read' as status_reason
    from posts_only
)

select
    account_key,
    first_date,
    last_date,
    day_count,
    new_follow_count,
    post_follow_count,
    round({{ divide('post_follow_count', 'new_follow_count') }}, 12) as post_follow_share,
    new_follow_count - post_follow_count as unattributed_follow_count,
    silent_day_count,
    silent_day_follow_count,
    estimate as associated_follow_count,
    conf_low as associated_follow_count_low,
    conf_high as associated_follow_count_high,
    case
        when day_count = 0 and post_follow_count is null
            then 'No export of posts covers a day whose new follows are known.'
        when day_count = 0
            then 'The platform states ' || post_follow_count || ' follows for single posts. How many new follows there '
            || 'were in all is not known: only the account overview of X Analytics states them.'
        else
            'Of ' || new_follow_count || ' new follows on ' || day_count || ' days, the platform states '
            || post_follow_count || ' for single posts: a lower bound of what posts bring. '
            || (new_follow_count - post_follow_count) || ' are not attributed. '
            || case
                when status = 'ok'
                    then
                        'By the model of days ' || cast(round(estimate) as bigint) || ' ('
                        || cast(round(conf_low) as bigint) || ' to ' || cast(round(conf_high) as bigint)
                        || ') are linked to days on which something was posted: an association.'
                else 'The days cannot carry a model: ' || status_reason || '.'
            end
    end as summary_text,
    status,
    status_reason
from parts
