{# Pattern of an option, in lower case, that says that none of the others holds: a tick there is no use of anything.
   "Keine Angabe" and "Geen mening" are no answer and no such option. #}
{% macro none_option() -%}
    {%- set whole = [
        'none', 'nothing', 'neither', 'keine?[rs]?', 'nichts', 'aucune?', 'rien', 'ningun[oa]', 'ninguno?', 'nada',
        'nessun[oa]', 'niente', 'nenhuma?', 'geen', 'niets', 'ingen', 'inget', 'inga', 'intet', 'brak', 'żad(en|na|ne)',
        'ничего', 'нет', 'なし', 'ない', '无', '無', '没有', '없음',
    ] -%}
    {%- set opening = [
        'none[ .,;:!/)(-]', 'no,? none of ', 'nothing of ', 'neither of ', 'not? any of ', '(we |i )?do(n.t| not) use any',
        'keine?[rs]? (davon|der |dieser |von )', 'nichts davon', 'aucune? (de |des |d.)', 'rien de ', 'ningun[oa] de ',
        'nada de ', 'nessun[oa] (di |dei |delle |degli )', 'niente di ', 'nenhuma? (de|d[oa]s?|dest[ea]s) ',
        'geen van ', 'niets van ', '(ingen|inget|inga|intet) a[fv] ', 'ei mikään ', 'żad(en|na|ne) z ', 'ничего из ',
        'ни один из ', 'どれも', 'いずれも', '以上都不', '以上皆非', '해당 ?없음',
    ] -%}
    '^[(]?(({{ whole | join('|') }})[.)]?$|{{ opening | join('|') }})'
{%- endmacro %}
