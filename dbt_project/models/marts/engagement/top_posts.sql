with

rated as (
    select
        rated.*,
        rate is not null and account_post_count >= {{ threshold('comparison_posts_from') }} as is_enough
    from {{ ref('int_top_posts_rated') }} as rated
),

ranked as (
    select
        rated.*,
        row_number() over (
            partition by account_key order by rate desc, raw_rate desc, created_at desc, post_key asc
        ) as rank
    from rated
    where is_enough
),

too_few as (
    select
        account_key,
        any_value(account_post_count) as account_post_count,
        any_value(rate_basis) as rate_basis
    from rated
    where not is_enough
    group by account_key
),

shown as (
    select
        ranked.*,
        prior_trial_count + trial_count as effective_trial_count
    from ranked
    where rank <= {{ threshold('top_posts_kept') }}
)

select
    account_key,
    rank,
    post_key,
    created_at,
    age_basis,
    reaction_count,
    impression_count,
    follower_count,
    rate_basis,
    raw_rate as raw_engagement_rate,
    rate as engagement_rate,
    round({{ wilson_limit('rate', 'effective_trial_count', 'low') }}, 12) as conf_low,
    round({{ wilson_limit('rate', 'effective_trial_count', 'high') }}, 12) as conf_high,
    account_rate as account_engagement_rate,
    round({{ divide('rate', 'account_rate') }}, 9) as relative_engagement,
    round({{ wilson_limit('rate', 'effective_trial_count', 'low') }}, 12) > account_rate as is_distinct_from_usual,
    account_post_count as compared_post_count,
    'ok' as status,
    null as status_reason
from shown
union all
select
    account_key,
    null as rank,
    null as post_key,
    null as created_at,
    null as age_basis,
    null as reaction_count,
    null as impression_count,
    null as follower_count,
    rate_basis,
    null as raw_engagement_rate,
    null as engagement_rate,
    null as conf_low,
    null as conf_high,
    null as account_engagement_rate,
    null as relative_engagement,
    null as is_distinct_from_usual,
    account_post_count as compared_post_count,
    'insufficient_data' as status,
    case
        when account_post_count < {{ threshold('comparison_posts_from') }}
            then account_post_count || ' posts with reactions known at one week of age in twelve weeks; '
            || cast({{ threshold('comparison_posts_from') }} as integer) || ' are needed'
        when rate_basis is null then 'neither impressions nor followers are known for all posts'
        else 'no post drew a reaction, or every one drew as many as it could'
    end as status_reason
from too_few
