with

posts as (
    select * from {{ ref('int_account_week_quality_posts') }}
),

candidates as (
    select
        account_key,
        quality_basis,
        age_basis,
        count(distinct week_start_date) as week_count
    from posts
    group by account_key, quality_basis, age_basis
),

-- The best measure that fills enough weeks, else the one that fills most; never two measures or two ages for one
-- account.
bases as (
    select account_key, quality_basis, age_basis
    from candidates
    qualify
        row_number() over (
            partition by account_key
            order by
                least(week_count, {{ threshold('panel_weeks_from') }}) desc,
                case quality_basis
                    when 'clicks_per_link_post' then 1 when 'engagement_per_impression' then 2 else 3
                end,
                age_basis desc,
                week_count desc
        ) = 1
)

select
    posts.post_key,
    posts.account_key,
    posts.week_start_date,
    posts.quality_basis,
    posts.age_basis,
    -- Weights: every post counts once, but a rate is engagements over impressions of the whole week.
    coalesce(posts.trial_count, 1) as weight,
    {{ divide('posts.score', 'coalesce(posts.trial_count, 1)') }} as value
from posts
inner join bases
    on
        posts.account_key = bases.account_key
        and posts.quality_basis = bases.quality_basis
        and posts.age_basis = bases.age_basis
