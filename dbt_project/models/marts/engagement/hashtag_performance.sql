with

account_tags as (
    select
        'account' as segment_dimension,
        account_key as segment,
        account_key,
        hashtag,
        with_count as post_count,
        without_count as other_post_count,
        1 as account_count,
        log_ratio,
        log_error,
        with_rank_share as rank_share,
        -- Error of a mean of ranks that are drawn from the account's own without replacement.
        sqrt({{ divide('without_count', '12 * (with_count + without_count) * with_count') }}) as rank_error,
        least(with_count, without_count) as unit_count
    from {{ ref('int_hashtag_accounts') }}
),

-- One value for each account that has posts of both kinds.
segment_tags as (
    select
        segments.segment_dimension,
        segments.segment,
        null as account_key,
        tags.hashtag,
        sum(tags.with_count)::bigint as post_count,
        sum(tags.without_count)::bigint as other_post_count,
        count(*) as account_count,
        round({{ precise_mean('tags.log_ratio') }}, 12) as log_ratio,
        round({{ divide('stddev_samp(tags.log_ratio)', 'sqrt(count(*))') }}, 9) as log_error,
        {{ decimal_mean('tags.with_rank_share') }} as rank_share,
        round({{ divide('stddev_samp(tags.with_rank_share)', 'sqrt(count(*))') }}, 9) as rank_error,
        count(*) as unit_count
    {{ from_peers('int_hashtag_accounts', 'tags') }}
        and tags.log_ratio is not null
        and least(tags.with_count, tags.without_count) >= {{ threshold('timing_account_posts_from') }}
    group by segments.segment_dimension, segments.segment, tags.hashtag
),

tags as (
    select * from account_tags
    union all
    select * from segment_tags
),

limited as (
    {{ with_families(
        'tags',
        'unit_count >= ' ~ threshold('comparison_posts_from') ~ ' and log_ratio is not null',
        'segment_dimension, segment'
    ) }}
)

select
    segment_dimension,
    segment,
    account_key,
    hashtag,
    post_count,
    other_post_count,
    account_count,
    case when is_enough then round(exp(log_ratio), 9) end as relative_engagement,
    case when is_enough then round(exp(log_ratio - single_t * log_error), 9) end as conf_low,
    case when is_enough then round(exp(log_ratio + single_t * log_error), 9) end as conf_high,
    family_count as compared_hashtag_count,
    case when is_enough then rank_share end as rank_share,
    {{ is_distinct_from_usual('rank_share') }} as is_distinct_from_usual,
    case when is_enough then 'ok' else 'insufficient_data' end as status,
    case
        when is_enough then null
        when other_post_count = 0 then 'every post carries it: nothing to compare with'
        when unit_count < {{ threshold('comparison_posts_from') }} and segment_dimension = 'account'
            then post_count || ' posts with it and ' || other_post_count || ' without; '
            || cast({{ threshold('comparison_posts_from') }} as integer) || ' of each are needed'
        when unit_count < {{ threshold('comparison_posts_from') }}
            then account_count || ' accounts with enough posts of both kinds; '
            || cast({{ threshold('comparison_posts_from') }} as integer) || ' are needed'
        else 'no reactions on one of the two sides'
    end as status_reason
from limited
