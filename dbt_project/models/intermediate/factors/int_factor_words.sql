-- Post x word that many accounts of its platform use in some of their posts: a topic, not a habit of one account.
with

spoken as (
    select distinct
        platform,
        account_key,
        post_key,
        {{ each_element("regexp_extract_all(lower(text), '([\\p{L}]{4,})', 1)") }} as word
    from {{ ref('int_factor_posts') }}
),

totals as (
    select platform, count(*) as post_count, count(distinct account_key) as account_count
    from {{ ref('int_factor_posts') }}
    group by platform
),

counted as (
    select platform, word, count(*) as post_count, count(distinct account_key) as account_count
    from spoken
    group by platform, word
),

shared as (
    select
        counted.platform,
        counted.word,
        row_number() over (
            partition by counted.platform order by counted.account_count desc, counted.post_count desc, counted.word asc
        ) as place
    from counted
    inner join totals on counted.platform = totals.platform
    where
        counted.account_count >= {{ threshold('factor_word_accounts_from') }}
        -- A word in every fifth post carries no topic.
        and counted.post_count < {{ divide('totals.post_count', '5') }}
)

select spoken.post_key, spoken.word
from spoken
inner join shared on spoken.platform = shared.platform and spoken.word = shared.word
where shared.place <= {{ threshold('factor_words_to') }}
