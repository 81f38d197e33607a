-- Company x pair of its platforms: their figures of reactions, and which platform lacks which figure.
with

platforms as (
    select * from {{ ref('company_platforms') }}
),

keys as (
    select account_key, company_key from {{ ref('int_company_platforms') }}
)

select
    keys.company_key,
    one.company,
    one.is_own,
    one.platform,
    other.platform as other_platform,
    one.growth_status = 'ok' and other.growth_status = 'ok' as is_growth_known,
    one.engagement_status = 'ok' and other.engagement_status = 'ok' as is_engagement_known,
    one.engagement_per_1000_followers as one_rate,
    other.engagement_per_1000_followers as other_rate,
    case when one.growth_status <> 'ok' then one.platform when other.growth_status <> 'ok' then other.platform end
        as growth_lacking,
    case
        when one.engagement_status <> 'ok' then one.platform
        when other.engagement_status <> 'ok' then other.platform
    end as engagement_lacking,
    one.engagement_note || '. ' || other.engagement_note as engagement_note
from platforms as one
inner join keys on one.account_key = keys.account_key
inner join platforms as other on one.company = other.company and one.platform < other.platform
