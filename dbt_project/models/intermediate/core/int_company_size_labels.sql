-- Label of a company size x the fewest and the most employees that it means; no row where it is not understood whole.
with

labels as (
    select distinct segment as label
    from {{ ref('int_survey_respondents') }}
    where segment_dimension = 'company_size' and segment is not null
),

-- Spaces and dashes of every kind are one, East Asian words for people fall away, and 1,001,
-- 1.001 and 1 001 are one number.
spelt as (
    select
        label,
        {{ without_thousands_marks(without_thousands_marks(
            replace_matches(
                replace_matches(
                    replace_matches(
                        "replace(replace(lower(trim(label)), '&lt;', '<'), '&gt;', '>')",
                        "'[   ]'", "' '"
                    ),
                    "'[‐‑‒–—−~～〜]'", "'-'"
                ),
                "'[人名명]'", "''"
            )
        )) }} as plain
    from labels
),

-- Twice: two words that stand side by side share the space between them.
bare as (
    select
        label,
        plain,
        trim({{ replace_matches(replace_matches(
            replace_matches(replace_matches('plain', size_noise(), "' '"), size_noise(), "' '"),
            "'[(),:;!?]'", "' '"
        ), "'[ ]+'", "' '") }}) as bare
    from spelt
),

formed as (
    select
        bare.label,
        bare.bare,
        words.low as word_low,
        words.high as word_high,
        regexp_extract_all(bare.bare, '[0-9]+', 0) as numbers,
        regexp_extract_all(bare.bare, '[0-9]+ ?k?', 0) as written,
        case
            when words.word is not null then 'word'
            {%- for form in ['exact', 'between', 'below', 'at_most', 'above', 'at_least'] %}
            when {{ has_match('bare.bare', size_form(form)) }} then '{{ form }}'
            {%- endfor %}
        end as form
    from bare
    left join {{ ref('company_size_words') }} as words on bare.plain = words.word
),

counted as (
    select
        formed.*,
        cast({{ list_element('numbers', 1) }} as double)
        * case when {{ list_element('written', 1) }} like '%k' then 1000 else 1 end as first_number,
        cast({{ list_element('numbers', list_length('numbers')) }} as double)
        * case when {{ list_element('written', list_length('written')) }} like '%k' then 1000 else 1 end as last_number,
        -- In 1-5k the 1 may be one or a thousand.
        {{ list_element('written', 1) }} not like '%k'
        and {{ list_element('written', list_length('written')) }} like '%k'
        and cast({{ list_element('numbers', 1) }} as double)
        < cast({{ list_element('numbers', list_length('numbers')) }} as double) as is_unclear
    from formed
    where form is not null
),

bounds as (
    select
        label,
        form,
        case form
            when 'word' then word_low
            when 'below' then 1
            when 'at_most' then 1
            when 'above' then first_number + 1
            else first_number
        end as low,
        case form
            when 'word' then word_high
            when 'below' then first_number - 1
            when 'above' then {{ threshold('company_size_top') }}
            when 'at_least' then {{ threshold('company_size_top') }}
            else last_number
        end as high,
        -- A spreadsheet shows the days of this century as such numbers.
        form = 'exact' and first_number between 36526 and 73050 as is_day,
        coalesce(form = 'between' and is_unclear, false) as is_unclear
    from counted
)

select label, cast(low as bigint) as low, cast(high as bigint) as high
from bounds
where low <= high and high <= {{ threshold('company_size_top') }} and not is_day and not is_unclear
