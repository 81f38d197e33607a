with

figures as (
    select * from {{ ref('int_playbook_figures') }}
),

readiness as (
    select expected_answer_date, status_reason
    from {{ ref('answer_readiness') }}
    where question = 'quality_against_volume' and segment_dimension = 'all' and segment = 'all'
),

bounded as (
    select
        figures.*,
        case figures.rule
            when 'keep_going' then {{ threshold('playbook_active_share') }}
            when 'mass_communication' then {{ threshold('ratio_mass_communication_from') }}
            when 'use_contact_list' then {{ threshold('playbook_activation_share') }}
            else 0.0
        end as turning_figure,
        case figures.rule
            when 'keep_going' then 'share_of_weeks'
            when 'mass_communication' then 'followers_per_following'
            when 'use_contact_list' then 'share_of_contacts'
            else 'weekly_log_growth'
        end as figure_unit,
        case
            when figures.rule = 'keep_going' and figures.case_count is null
                then 'no week of this account is covered by a source of posts'
            when figures.rule = 'keep_going' and figures.case_count < {{ threshold('playbook_weeks_from') }}
                then {{ number_of('figures.case_count', 'week') }} || ' of posts; '
                || cast({{ threshold('playbook_weeks_from') }} as integer) || ' are needed'
            when figures.rule = 'mass_communication' and figures.account_key like 'linkedin:%'
                then 'LinkedIn does not state whom a page follows'
            when figures.rule = 'use_contact_list' and figures.account_key like 'linkedin:%'
                then 'LinkedIn does not list the followers of a page'
            when figures.rule = 'mass_communication' and figures.figure is null and figures.given_reading is null
                then 'no reading states both followers and accounts followed'
            when figures.rule = 'use_contact_list' and figures.case_count is null
                then 'no contact list was read'
            when figures.rule = 'use_contact_list' and figures.case_count < {{ threshold('contact_matched_from') }}
                then {{ number_of('figures.case_count', 'contact') }} || ' agreed and gave a handle on this platform; '
                || cast({{ threshold('contact_matched_from') }} as integer) || ' are needed'
            when figures.rule = 'use_contact_list' and figures.figure is null
                then 'no list of the followers of this account was read'
            when figures.rule = 'quality_over_quantity' and figures.figure is null
                then coalesce(readiness.status_reason, 'no account has a week with both followers and posts')
        end as missing_reason,
        case
            when figures.rule = 'quality_over_quantity' and figures.figure is null then readiness.expected_answer_date
            when figures.rule = 'keep_going' and figures.case_count < {{ threshold('playbook_weeks_from') }}
                then figures.as_of_date
                + cast(7 * ({{ threshold('playbook_weeks_from') }} - figures.case_count) as integer)
        end as expected_answer_date
    from figures
    left join readiness on figures.rule = 'quality_over_quantity'
),

judged as (
    select
        bounded.*,
        missing_reason is null and (figure is not null or given_reading = 'in_line') as is_known
    from bounded
),

read as (
    select
        judged.*,
        case
            when not is_known then 'cannot_tell'
            when given_reading is not null then given_reading
            when figure_low >= turning_figure then 'in_line'
            when figure_high < turning_figure then 'not_in_line'
            else 'cannot_tell'
        end as reading
    from judged
)

select
    account_key,
    rule,
    case when is_known then round(figure, 12) end as figure,
    case when is_known then round(figure_low, 12) end as figure_low,
    case when is_known then round(figure_high, 12) end as figure_high,
    figure_unit,
    round(peer_figure, 12) as peer_figure,
    peer_count,
    reading,
    turning_figure,
    case
        -- What the platform does not state, no step can bring.
        when account_key like 'linkedin:%' and rule in ('mass_communication', 'use_contact_list') then 'none'
        when rule = 'keep_going' then case reading
            when 'in_line' then 'keep_rhythm' when 'not_in_line' then 'post_every_week' else 'read_more_weeks' end
        when rule = 'mass_communication' then case reading
            when 'in_line' then 'keep_ratio' when 'not_in_line' then 'follow_fewer' else 'watch_ratio' end
        when rule = 'use_contact_list' then case
            when reading = 'in_line' then 'keep_inviting'
            when reading = 'not_in_line' then 'invite_contacts'
            when case_count is null then 'bring_contacts'
            when case_count < {{ threshold('contact_matched_from') }} then 'ask_for_handles'
            when figure is null then 'bring_followers'
            else 'invite_contacts' end
        when reading = 'in_line' then 'improve_posts'
        when reading = 'not_in_line' then 'post_more'
        when is_known then 'plan_experiment'
        else 'watch_accounts'
    end as next_step,
    account_count,
    case_count,
    expected_answer_date,
    case
        when is_known then 'ok'
        when account_key like 'linkedin:%' and rule in ('mass_communication', 'use_contact_list') then 'not_testable'
        else 'insufficient_data'
    end as status,
    case when not is_known then missing_reason else '' end as status_reason
from read
