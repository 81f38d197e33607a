with

recent as (
    {{ recent_posts('engaged_window_days', ['impression', 'follower']) }}
),

tried as (
    select
        recent.*,
        case when is_per_impression then impression_count when is_per_follower then follower_count end as trial_count,
        -- A rate is a share: more reactions than times shown count as all.
        least(
            reaction_count,
            case when is_per_impression then impression_count when is_per_follower then follower_count end
        ) as event_count
    from recent
),

sums as (
    select
        account_key,
        count(*) as account_post_count,
        {{ divide('sum(event_count)', 'sum(trial_count)') }} as account_rate,
        sum(event_count)::double as event_sum,
        sum(trial_count)::double as trial_sum,
        sum(cast(trial_count as {{ type_large_number() }}) * trial_count)::double as trial_square_sum,
        round({{ precise_sum(divide('pow(event_count, 2)', 'trial_count')) }}, 6) as weighted_square_sum
    from tried
    group by account_key
),

-- How much the posts of the account differ beyond chance, by moments. Source: DerSimonian and Laird 1986.
spreads as (
    select
        sums.*,
        greatest(0.0, {{ divide(
            '(weighted_square_sum - event_sum * account_rate) - (account_post_count - 1) * account_rate'
            ~ ' * (1 - account_rate)',
            'trial_sum - ' ~ divide('trial_square_sum', 'trial_sum')
        ) }}) as between_variance
    from sums
),

priors as (
    select
        spreads.*,
        -- As many trials as the account's own rate is worth; equal posts are worth ten million.
        case
            when account_rate > 0 and account_rate < 1 and account_post_count > 1
                then least(1e7, greatest(1.0, coalesce({{ divide(
                    'account_rate * (1 - account_rate)', 'between_variance'
                ) }} - 1, 1e7)))
        end as prior_trial_count
    from spreads
)

select
    tried.post_key,
    tried.account_key,
    tried.created_at,
    tried.age_basis,
    tried.reaction_count,
    tried.impression_count,
    tried.follower_count,
    tried.trial_count,
    case when tried.is_per_impression then 'impression' when tried.is_per_follower then 'follower' end as rate_basis,
    {{ divide('tried.event_count', 'tried.trial_count') }} as raw_rate,
    round({{ divide(
        'priors.account_rate * priors.prior_trial_count + tried.event_count',
        'priors.prior_trial_count + tried.trial_count'
    ) }}, 12) as rate,
    priors.account_rate,
    priors.prior_trial_count,
    priors.account_post_count
from tried
inner join priors on tried.account_key = priors.account_key
