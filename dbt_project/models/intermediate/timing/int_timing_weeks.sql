-- Account x ISO week: growth, originals and strong posts, for lags of weekly doses.
with

accounts as (
    select account_key, first_date, last_date from {{ ref('int_timing_accounts') }}
),

strong as (
    select account_key, {{ iso_week('created_at') }} as week_start_date, count(*) as strong_post_count
    from {{ ref('int_engagement_relative') }}
    where
        relative_engagement >= {{ threshold('strong_post_times_from') }}
        and rank_share >= {{ threshold('strong_post_rank_from') }}
    group by account_key, {{ iso_week('created_at') }}
)

select
    panel.account_key,
    panel.week_start_date,
    case when panel.is_in_volume_panel then panel.growth_rate end as growth_rate,
    panel.volume_same as volume,
    case
        when panel.week_start_date >= accounts.first_date and panel.week_start_date + 6 <= accounts.last_date
            then {{ zero_if_no_row('strong.week_start_date', 'strong.strong_post_count') }}
    end as strong_post_count
from {{ ref('int_account_week_panel') }} as panel
inner join accounts on panel.account_key = accounts.account_key
left join strong on panel.account_key = strong.account_key and panel.week_start_date = strong.week_start_date
where panel.week_start_date + 6 between accounts.first_date and accounts.last_date + 6
