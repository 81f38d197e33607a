-- Own account x rule of 2009: the figure that the rule is read from, before it is read.
with

own as (
    select account_key, platform
    from {{ ref('accounts') }}
    where is_own and not is_bridged
),

active_peers as (
    select
        own.account_key,
        count(*) as peer_count,
        {{ sorted_list('weeks.active_share') }} as shares
    from own
    inner join {{ ref('accounts') }} as others
        on own.platform = others.platform and not others.is_own
    inner join {{ ref('int_playbook_weeks') }} as weeks on others.account_key = weeks.account_key
    where weeks.week_count >= {{ threshold('playbook_weeks_from') }}
    group by own.account_key
),

ratio_peers as (
    select account_key, peer_median, peer_count
    from {{ ref('benchmark') }}
    where metric = 'followers_per_following' and status = 'ok'
),

-- The accounts of the same platform where they give an estimate; else all.
verdicts as (
    select
        own.account_key,
        verdict.difference,
        verdict.difference_low,
        verdict.difference_high,
        verdict.verdict,
        verdict.account_count,
        verdict.observation_count
    from own
    inner join {{ ref('growth_verdict') }} as verdict
        on
            (own.platform = verdict.segment and verdict.segment_dimension = 'platform' and verdict.status = 'ok')
            or verdict.segment_dimension = 'all'
    qualify row_number() over (partition by own.account_key order by verdict.segment_dimension desc) = 1
)

select
    own.account_key,
    'keep_going' as rule,
    weeks.active_share as figure,
    {{ wilson_limit('weeks.active_share', 'weeks.week_count', 'low') }} as figure_low,
    {{ wilson_limit('weeks.active_share', 'weeks.week_count', 'high') }} as figure_high,
    case
        when active_peers.peer_count >= {{ threshold('benchmark_peers_from') }}
            then {{ list_middle('active_peers.shares') }}
    end as peer_figure,
    active_peers.peer_count,
    1 as account_count,
    weeks.week_count as case_count,
    weeks.as_of_date,
    cast(null as string) as given_reading
from own
left join {{ ref('int_playbook_weeks') }} as weeks on own.account_key = weeks.account_key
left join active_peers on own.account_key = active_peers.account_key
union all
select
    own.account_key,
    'mass_communication' as rule,
    ratios.followers_per_following as figure,
    ratios.lowest as figure_low,
    ratios.highest as figure_high,
    ratio_peers.peer_median as peer_figure,
    ratio_peers.peer_count,
    1 as account_count,
    ratios.week_count as case_count,
    ratios.as_of_date,
    case when ratios.following_count = 0 then 'in_line' end as given_reading
from own
left join {{ ref('int_playbook_ratios') }} as ratios on own.account_key = ratios.account_key
left join ratio_peers on own.account_key = ratio_peers.account_key
union all
select
    account_key,
    'use_contact_list' as rule,
    {{ divide('1.0 * follower_count', 'matched_count') }} as figure,
    {{ wilson_limit(divide('1.0 * follower_count', 'matched_count'), 'matched_count', 'low') }} as figure_low,
    {{ wilson_limit(divide('1.0 * follower_count', 'matched_count'), 'matched_count', 'high') }} as figure_high,
    null as peer_figure,
    null as peer_count,
    1 as account_count,
    case when contact_count > 0 then matched_count end as case_count,
    null as as_of_date,
    null as given_reading
from {{ ref('int_playbook_contacts') }}
union all
select
    own.account_key,
    'quality_over_quantity' as rule,
    verdicts.difference as figure,
    verdicts.difference_low as figure_low,
    verdicts.difference_high as figure_high,
    null as peer_figure,
    null as peer_count,
    {{ zero_if_no_row('verdicts.account_key', 'verdicts.account_count') }} as account_count,
    verdicts.observation_count as case_count,
    null as as_of_date,
    case verdicts.verdict
        when 'quality_larger' then 'in_line'
        when 'volume_larger' then 'not_in_line'
        else 'cannot_tell'
    end as given_reading
from own
left join verdicts on own.account_key = verdicts.account_key
