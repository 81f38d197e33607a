{# Standard normal quantile of the upper tail, for tails below one half; at most 4.5e-4 off. Source: Abramowitz and
   Stegun 26.2.23. #}
{% macro normal_quantile(tail) -%}
    {%- set root = 'sqrt(-2 * ln(' ~ tail ~ '))' -%}
    (
        {{ root }} - {{ divide(
            '2.515517 + 0.802853 * ' ~ root ~ ' + 0.010328 * pow(' ~ root ~ ', 2)',
            '1 + 1.432788 * ' ~ root ~ ' + 0.189269 * pow(' ~ root ~ ', 2) + 0.001308 * pow(' ~ root ~ ', 3)'
        ) }}
    )
{%- endmacro %}
{# Student's quantile from the normal one, within 0.1 % from nine degrees of freedom on; null without any. Source:
   Cornish-Fisher expansion, Abramowitz and Stegun 26.7.5. #}
{% macro student_quantile(z, freedom) -%}
    (
        {{ z }}
        + {{ divide('pow(' ~ z ~ ', 3) + ' ~ z, '4 * (' ~ freedom ~ ')') }}
        + {{ divide('5 * pow(' ~ z ~ ', 5) + 16 * pow(' ~ z ~ ', 3) + 3 * ' ~ z, '96 * pow(' ~ freedom ~ ', 2)') }}
        + {{ divide(
            '3 * pow(' ~ z ~ ', 7) + 19 * pow(' ~ z ~ ', 5) + 17 * pow(' ~ z ~ ', 3) - 15 * ' ~ z,
            '384 * pow(' ~ freedom ~ ', 3)'
        ) }}
    )
{%- endmacro %}
