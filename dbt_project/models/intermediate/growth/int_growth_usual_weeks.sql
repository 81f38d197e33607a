-- Segment: a usual and a good week of the accounts in the panel: what lies between them is what was seen, not more.
with

weeks as (
    select account_key, growth_rate, quality_same, volume_same
    from {{ ref('int_account_week_panel') }}
    where is_in_panel
),

memberships as (
    select account_key, segment_dimension, segment
    from {{ ref('int_growth_account_segments') }}
    union all
    select distinct account_key, 'all' as segment_dimension, 'all' as segment
    from weeks
),

-- A good week is the middle one of an account's best fifth.
accounts as (
    select
        account_key,
        exp(median(volume_same)) - 1 as usual_post_count,
        exp({{ quantile('volume_same', 0.9) }}) - 1 as good_post_count,
        {{ quantile('quality_same', 0.9) }} - median(quality_same) as quality_step,
        stddev_samp(quality_same) as quality_spread
    from weeks
    group by account_key
),

typical as (
    select
        memberships.segment_dimension,
        memberships.segment,
        {{ nearest_whole('median(accounts.usual_post_count)') }} as usual_post_count,
        {{ nearest_whole('median(accounts.good_post_count)') }} as good_post_count,
        -- In spreads of the account: the measured ones are pulled in, the true one is the model's.
        median({{ divide('accounts.quality_step', 'accounts.quality_spread') }}) as quality_step
    from accounts
    inner join memberships on accounts.account_key = memberships.account_key
    group by memberships.segment_dimension, memberships.segment
),

means as (
    select
        memberships.segment_dimension,
        memberships.segment,
        round({{ precise_mean('weeks.growth_rate') }}, 12) as mean_growth_rate
    from weeks
    inner join memberships on weeks.account_key = memberships.account_key
    group by memberships.segment_dimension, memberships.segment
)

select
    typical.segment_dimension,
    typical.segment,
    typical.usual_post_count,
    typical.good_post_count,
    round(typical.quality_step, 9) as quality_step,
    means.mean_growth_rate
from typical
inner join means on typical.segment_dimension = means.segment_dimension and typical.segment = means.segment
