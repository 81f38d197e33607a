{# What is compared with an account's usual engagement: hours and weekdays of posting, hashtags. #}

{# Posts of an account's last days, and whether a measure is known for each of them: one basis for an account, because
   posts that have it cannot be compared with posts that lack it. #}
{% macro recent_posts(window_days, measures) -%}
    select
        posts.*,
        {% for measure in measures -%}
            bool_and(coalesce({{ measure }}_count > 0, false)) over (partition by account_key) as is_per_{{ measure }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from (
        select
            posts.*,
            max(date) over (partition by account_key) as last_date
        from {{ ref('int_engagement_posts') }} as posts
    ) as posts
    where date > last_date - cast({{ threshold(window_days) }} as integer)
{%- endmacro %}

{# Rows with `is_enough`, how many are looked at together (the best of many is high by chance alone), and the quantiles
   of single limits and of the whole family. #}
{% macro with_families(rows, is_enough, family) -%}
    select
        judged.*,
        {{ student_quantile('1.959963985', 'unit_count - 1') }} as single_t,
        {{ normal_quantile('0.025 / nullif(family_count, 0)') }} as family_z
    from (
        select
            judged.*,
            count(*) filter (where is_enough) over (partition by {{ family }}) as family_count
        from (select {{ rows }}.*, {{ is_enough }} as is_enough from {{ rows }}) as judged
    ) as judged
{%- endmacro %}

{# True where the typical rank differs from one half beyond what the best or worst of the family would by chance. #}
{% macro is_distinct_from_usual(rank_share) -%}
    case
        when is_enough and segment_dimension = 'account' then abs({{ rank_share }} - 0.5) > family_z * rank_error
        when is_enough
            then abs({{ rank_share }} - 0.5) > {{ student_quantile('family_z', 'unit_count - 1') }} * rank_error
    end
{%- endmacro %}

{# The peers that a figure is given for, joined to rows of accounts, of those with enough posts. #}
{% macro from_peers(rows, alias) -%}
    from {{ ref(rows) }} as {{ alias }}
    inner join {{ ref('int_ratio_segments') }} as segments on {{ alias }}.account_key = segments.account_key
    where segments.segment_dimension in ('all', 'platform', 'size_tier', 'industry', 'customer_focus')
{%- endmacro %}
