-- Post of an account's last 52 weeks: its response at equal age, and what can be seen of it.
with

accounts as (
    select account_key, is_own from {{ ref('int_timing_accounts') }}
),

recent as (
    {{ recent_posts('timing_window_days', ['impression', 'follower']) }}
),

seen as (
    select
        posts.post_key,
        split_part(posts.post_key, ':', 1) as platform,
        posts.post_kind,
        posts.has_link,
        {{ replace_matches('posts.text', "'https?://\\S+'", "' '") }} as text,
        {{ list_length('versions.media_types') }} > 0 as has_media
    from {{ ref('int_posts') }} as posts
    left join {{ ref('int_post_versions') }} as versions
        on posts.post_id = versions.post_id and split_part(posts.post_key, ':', 1) = versions.platform
    where posts.text is not null and posts.post_key in (select recent.post_key from recent)
),

tagged as (
    select distinct post_key from {{ ref('int_post_hashtags') }}
)

select
    recent.post_key,
    recent.account_key,
    seen.platform,
    accounts.is_own,
    {{ iso_week('recent.created_at') }} as week_start_date,
    case
        when recent.is_per_impression then 'per_impression'
        when recent.is_per_follower then 'per_follower'
        else 'per_post'
    end as basis,
    round(
        ln(
            {{ divide(
                'recent.reaction_count + 0.5',
                'case when recent.is_per_impression then recent.impression_count '
                ~ 'when recent.is_per_follower then recent.follower_count else 1 end'
            ) }}
        ),
        12
    ) as log_response,
    cast(coalesce(seen.has_link, false) as integer) as form__link,
    cast(coalesce(seen.has_media, false) as integer) as form__media,
    cast(coalesce(seen.post_kind = 'quote', false) as integer) as form__quote,
    cast(tagged.post_key is not null as integer) as form__hashtag,
    cast(seen.text like '%?%' as integer) as form__question,
    cast(seen.text like '%@%' as integer) as form__mention,
    cast(length(trim(seen.text)) < {{ threshold('short_post_below') }} as integer) as length__short,
    cast(length(trim(seen.text)) >= {{ threshold('long_post_from') }} as integer) as length__long,
    cast({{ days_between("date '1970-01-05'", 'cast(recent.created_at as date)') }} % 7 >= 5 as integer)
        as time__weekend,
    cast(hour(recent.created_at) < 6 as integer) as time__0_to_6_utc,
    cast(hour(recent.created_at) between 6 and 11 as integer) as time__6_to_12_utc,
    cast(hour(recent.created_at) >= 18 as integer) as time__18_to_24_utc,
    seen.text
from recent
inner join accounts on recent.account_key = accounts.account_key
inner join seen on recent.post_key = seen.post_key
left join tagged on recent.post_key = tagged.post_key
