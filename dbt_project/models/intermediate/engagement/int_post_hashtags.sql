{{ incremental_by_changed_keys('int_posts_changed', ['post_key']) }}
with

marked as (
    select
        int_posts.post_key,
        int_posts.account_key,
        case
            when {{ list_length('versions.hashtags') }} > 0 then versions.hashtags
            -- Addresses first: what follows a # in them is no hashtag. A number alone is none either.
            else regexp_extract_all(
                {{ replace_matches('int_posts.text', "'https?://\\S+'", "' '") }},
                '(?:^|[^\p{L}\p{M}\p{N}_&/])[#＃]([\p{L}\p{M}\p{N}_]*[\p{L}\p{M}][\p{L}\p{M}\p{N}_]*)', 1
            )
        end as hashtags
    from {{ ref('int_posts') }} as int_posts
    inner join {{ ref('int_post_versions') }} as versions
        on int_posts.post_id = versions.post_id and split_part(int_posts.post_key, ':', 1) = versions.platform
    where
        int_posts.availability <> 'removed'
        and {{ in_changed_keys('int_posts_changed', ['post_key'], 'int_posts') }}
        and {{ in_changed_range('int_posts_changed', 'post_id', 'int_posts.post_id') }}
        and {{ in_changed_range('int_posts_changed', 'post_id', 'versions.post_id') }}
),

listed as (
    select post_key, account_key, {{ each_element('hashtags') }} as hashtag
    from marked
),

single as (
    select
        post_key,
        account_key,
        -- Composed characters: an e with an accent is the same letter whether it is one code or two.
        lower(nfc_normalize(trim(both ' #＃' from hashtag))) as hashtag
    from listed
)

select distinct post_key, account_key, hashtag
from single
where hashtag <> ''
order by post_key, hashtag
