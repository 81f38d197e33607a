{# Estimates of a survey with `is_shown`: false where survey_segments hides a share that the row would give away. `cells`:
   the columns with the question and the option whose share that is, and with the segment where it is another than the
   row's. `means`: columns with questions whose mean it would give away. `has_scales`: option `all` means a scale, of
   which the row compares the share of the upper two fifths. #}
{% macro with_is_shown(estimates, cells, means=[], has_scales=false) -%}
    {%- set hidden -%}
        select survey_id, question_id, option, segment_dimension, segment
        from {{ ref('int_survey_estimates') }}
        where is_suppressed
        {%- if has_scales %}
        union
        select survey_id, question_id, 'all' as option, segment_dimension, segment
        from {{ ref('int_survey_estimates') }}
        where is_upper_suppressed
        {%- endif %}
    {%- endset -%}
    select
        rows.*,
        {% for cell in cells %}hidden_{{ loop.index }}.survey_id is null{{ ' and ' if not loop.last }}{% endfor %}
        {%- for question in means %} and hidden_mean_{{ loop.index }}.survey_id is null{% endfor %} as is_shown
    from {{ ref(estimates) }} as rows
    {%- for cell in cells %}
    left join ({{ hidden }}) as hidden_{{ loop.index }}
        on
            rows.survey_id = hidden_{{ loop.index }}.survey_id
            and rows.{{ cell[0] }} = hidden_{{ loop.index }}.question_id
            and rows.{{ cell[1] }} = hidden_{{ loop.index }}.option
            and rows.segment_dimension = hidden_{{ loop.index }}.segment_dimension
            and rows.{{ cell[2] | default('segment') }} = hidden_{{ loop.index }}.segment
    {%- endfor %}
    {%- for question in means %}
    left join (
        select distinct survey_id, question_id, segment_dimension, segment
        from {{ ref('int_survey_estimates') }}
        where is_mean_suppressed
    ) as hidden_mean_{{ loop.index }}
        on
            rows.survey_id = hidden_mean_{{ loop.index }}.survey_id
            and rows.{{ question }} = hidden_mean_{{ loop.index }}.question_id
            and rows.segment_dimension = hidden_mean_{{ loop.index }}.segment_dimension
            and rows.segment = hidden_mean_{{ loop.index }}.segment
    {%- endfor %}
{%- endmacro %}

{# Columns that are null where the row is not shown. #}
{% macro where_shown(columns) -%}
    {%- for column in columns -%}
        case when is_shown then {{ column }} end as {{ column }}{{ ',\n    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Status of a row, and why there is no figure. #}
{% macro shown_status(reason='the share of the answer is hidden in survey_segments') -%}
    case when is_shown then status else 'suppressed' end as status,
    case when is_shown or status = 'suppressed' then status_reason else '{{ reason }}' end as status_reason
{%- endmacro %}

{# What intervals and tests mean where nobody was drawn at random. #}
{% macro sampling_note() -%}
    'Computed as if respondents had been drawn at random; who did not take part may differ' as sampling_note
{%- endmacro %}
