{# The five ratio styles; boundaries come from the thresholds seed, reasons from DECISIONS.md. #}
{% macro ratio_style(follower_count, following_count) -%}
    case
        when {{ follower_count }} is null or {{ following_count }} is null then null
        when {{ follower_count }} + {{ following_count }} < {{ threshold('ratio_too_small_below') }} then 'too_small'
        when
            {{ following_count }} = 0
            or {{ divide(follower_count, following_count) }} >= {{ threshold('ratio_mass_communication_from') }}
            then 'mass_communication'
        when
            {{ divide(follower_count, following_count) }} > {{ threshold('ratio_interpersonal_to') }}
            then 'transitional'
        when
            {{ divide(follower_count, following_count) }} >= {{ threshold('ratio_interpersonal_from') }}
            then 'interpersonal'
        else 'net_follower'
    end
{%- endmacro %}

{# small, mid or pro by the number of followers. #}
{% macro size_tier(follower_count) -%}
    case
        when {{ follower_count }} is null then null
        when {{ follower_count }} > {{ threshold('tier_pro_above') }} then 'pro'
        when {{ follower_count }} >= {{ threshold('tier_mid_from') }} then 'mid'
        else 'small'
    end
{%- endmacro %}

{# True where the account sits against its platform's follow limit of that day: its ratio is then an artefact. Null where
   no limit is known. `platform` needs its table's name, because the seed has a column of that name, too. #}
{% macro is_follow_limited(follower_count, following_count, platform, date) -%}
    {%- set limit -%}
    (
        select max_by(follow_limits.follow_limit, follow_limits.valid_from_date)
        from {{ ref('follow_limits') }} as follow_limits
        where follow_limits.platform = {{ platform }} and follow_limits.valid_from_date <= {{ date }}
    )
    {%- endset -%}
    (
        (
            {{ following_count }} between {{ limit }} * {{ threshold('follow_limit_near_share') }} and {{ limit }} + 1
            and {{ follower_count }} < {{ limit }}
        )
        or (
            {{ following_count }} > {{ limit }} + 1
            and {{ divide(following_count, follower_count) }}
            between {{ threshold('follow_limit_ratio_from') }} and {{ threshold('follow_limit_ratio_to') }}
        )
    )
{%- endmacro %}
