-- Segment x length of silence x account of the study: days from its first to its last own post, and whether it quit.
-- Whether an account has quit is known only so many days later: all are followed to that many days before the last one
-- watched, and no further. Followed to the last day, whoever fell silent in between would count as still posting.
with

silences as (
    select cast({{ threshold('silence_days') }} as bigint) as silence_days
    union
    select cast(lengths.silence_days as bigint) as silence_days
    from (values (14), (30), (60)) as lengths (silence_days)
),

segments as (
    select account_key, segment_dimension, segment
    from {{ ref('int_ratio_segments') }}
    where segment_dimension in ('all', 'platform', 'industry', 'company_size', 'customer_focus')
    union all
    select
        account_key,
        'cohort' as segment_dimension,
        year(created_date) || '-Q' || quarter(created_date) as segment
    from {{ ref('int_retention_accounts') }}
    where exclusion_reason is null
),

spells as (
    select
        accounts.account_key,
        silences.silence_days,
        {{ days_between('accounts.last_post_date', 'accounts.last_watched_date') }} >= silences.silence_days as is_quit,
        {{ days_between('accounts.first_post_date', 'accounts.last_post_date') }} as posting_days,
        {{ days_between('accounts.first_post_date', 'accounts.last_watched_date') }} - silences.silence_days
            as followed_days
    from {{ ref('int_retention_accounts') }} as accounts
    cross join silences
    where accounts.exclusion_reason is null
)

select
    segments.segment_dimension,
    segments.segment,
    spells.silence_days,
    spells.account_key,
    case when spells.is_quit then spells.posting_days else spells.followed_days end as duration_days,
    spells.is_quit
from spells
inner join segments on spells.account_key = segments.account_key
-- Whose first post is younger can have quit unseen at once: nothing is known about it yet.
where spells.followed_days >= 0
order by segments.segment_dimension, segments.segment, spells.silence_days, spells.account_key
