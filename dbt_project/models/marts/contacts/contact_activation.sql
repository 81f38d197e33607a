with

contacts as (
    select list_id, segment, has_consent, is_matched, is_follower, followers_as_of
    from {{ ref('int_contacts_matched') }}
),

members as (
    select list_id, 'all' as segment, has_consent, is_matched, is_follower, followers_as_of
    from contacts
    union all
    select list_id, coalesce(segment, '(not stated)') as segment, has_consent, is_matched, is_follower, followers_as_of
    from contacts
),

counts as (
    select
        list_id,
        segment,
        count(*) as contact_count,
        count(*) filter (where has_consent) as consent_count,
        count(*) filter (where is_matched) as matched_count,
        -- Without a follower list nobody is known to follow: not reported, which is not zero.
        case when max(followers_as_of) is not null then count(*) filter (where is_follower) end as follower_count,
        max(followers_as_of) as followers_as_of
    from members
    group by list_id, segment
),

shares as (
    select
        counts.*,
        matched_count >= {{ threshold('contact_matched_from') }} as is_enough,
        {{ divide('follower_count', 'matched_count') }} as share,
        {{ divide('follower_count', 'contact_count') }} as list_share
    from counts
),

limits as (
    select
        shares.*,
        case when is_enough then round(share, 12) end as activation_share,
        case when is_enough then round({{ wilson_limit('share', 'matched_count', 'low') }}, 12) end as share_low,
        case when is_enough then round({{ wilson_limit('share', 'matched_count', 'high') }}, 12) end as share_high
    from shares
)

select
    list_id,
    segment,
    contact_count,
    consent_count,
    matched_count,
    follower_count,
    activation_share,
    share_low,
    share_high,
    -- Nobody matched: nothing can be known about any of them.
    case when matched_count > 0 then round(list_share, 12) end as known_follower_share,
    -- Who agreed and gave a handle is keener than the others: their share bounds what an announcement can bring.
    round((contact_count - matched_count) * share_high, 6) as announcement_follower_upper_guess,
    followers_as_of,
    case when follower_count is null or not is_enough then 'insufficient_data' else 'ok' end as status,
    case
        when consent_count = 0
            then 'nobody in the list agreed to be matched to an account'
        when follower_count is null
            then 'no list of followers of an own account was read; export one and run: tweetbench ingest FILE'
        when not is_enough
            then matched_count || ' contacts agreed and gave a handle; '
            || cast({{ threshold('contact_matched_from') }} as integer) || ' are needed'
    end as status_reason
from limits
