{# Words around the numbers of a company size, in the languages of common survey tools. A label is understood only if
   nothing is left over: `Jun-25` has a number and is a date. #}

{# Words that only say that people are counted, or that name the size next to its figures. #}
{% macro size_noise() -%}
    {%- set units = [
        'full[- ]?time equivalents?', 'ftes?', 'employees?', 'people', 'persons?', 'members? of staff', 'staff( members)?',
        'workers?', 'mitarbeiter([:*/_]?innen|n)?', 'mitarbeitenden?', 'beschäftigten?', 'angestellten?', 'personen',
        'leute', 'salariée?s?', 'employée?s?', 'collaborateurs?', 'personnes?', 'emplead[oa]s?', 'trabajador(es)?',
        'personas?', 'dipendent[ei]', 'addett[oi]', 'person[ae]', 'funcionári[oa]s?', 'colaborador(es)?', 'pessoas?',
        'empregad[oa]s?', 'medewerkers?', 'werknemers?', 'personeelsleden', 'mensen', 'anställda?', 'ansatte?',
        'medarbejdere?', 'medarbetare', 'työntekijää?', 'henkilöä?', 'pracownik(ów|i)?', 'osób', 'zaměstnanc[ůi]',
    ] -%}
    {%- set names = [
        '(micro|small|medium|mid|large|very large)([- ]?sized?)?( (business(es)?|compan(y|ies)|enterprises?|firms?))?',
        '(it.s )?(just|only) me', 'self[- ]employed', 'freelancers?', 'sole (trader|proprietor)', 'solo',
    ] -%}
    '(^|[ (/])({{ (units + names) | join('|') }})($|[ ),;:/])'
{%- endmacro %}

{# What the whole of a label must look like to mean this form; every number may end in k for thousand. #}
{% macro size_form(form) -%}
    {%- set number = '[0-9]+ ?k?' -%}
    {%- set below = [
        'fewer than', 'less than', 'under', 'below', 'smaller than', 'unter', 'weniger als', 'kleiner als',
        'moins de', 'menos de', 'menos que', 'meno di', 'minder dan', 'onder', 'färre än', 'mindre än',
        'mindre end', 'færre end', 'under', 'alle', 'mniej niż', 'poniżej', 'méně než', '<',
    ] | join('|') -%}
    {%- set at_most = [
        'up to', 'at most', 'no more than', 'max[.]?', 'maximum', 'bis zu', 'bis', 'höchstens', 'maximal',
        'jusqu.?à', 'au plus', 'hasta', 'fino a', 'até', 'tot', 'maximaal', 'upp till', 'op til', 'opp til', 'do',
        '≤', '<=', '=<',
    ] | join('|') -%}
    {%- set or_fewer = [
        'or (fewer|less|under|below)', 'and (fewer|under|below)', 'oder weniger', 'und weniger', 'ou moins',
        'et moins', 'o menos', 'y menos', 'o meno', 'ou menos', 'of minder', 'eller färre', 'eller færre', '以下',
        '이하',
    ] | join('|') -%}
    {%- set above = [
        'more than', 'over', 'above', 'greater than', 'larger than', 'mehr als', 'über', 'größer als', 'plus de',
        'más de', 'più di', 'oltre', 'mais de', 'acima de', 'meer dan', 'fler än', 'över', 'mere end', 'flere end',
        'mer enn', 'yli', 'więcej niż', 'powyżej', 'více než', '>',
    ] | join('|') -%}
    {%- set at_least = [
        'from', 'at least', 'no fewer than', 'minimum', 'min[.]?', 'ab', 'mindestens', 'à partir de', 'au moins',
        'dès', 'desde', 'a partir de', 'al menos', 'da', 'almeno', 'pelo menos', 'vanaf', 'minstens', 'ten minste',
        'från', 'minst', 'fra', 'od', '≥', '>=', '=>',
    ] | join('|') -%}
    {%- set or_more = [
        '[+]', 'plus', 'or (more|over|above|larger|greater)', 'and (more|over|above|up|larger)', 'oder mehr',
        'und mehr', 'et plus', 'ou plus', 'o más', 'y más', 'o più', 'e più', 'ou mais', 'e mais', 'of meer',
        'en meer', 'eller fler', 'eller mer', 'eller flere', 'og mere', 'og flere', 'i więcej', 'a více', '以上',
        '이상',
    ] | join('|') -%}
    {%- set between = [
        'from', 'between', 'von', 'zwischen', 'de', 'entre', 'da', 'tra', 'van', 'tussen', 'från', 'mellan', 'fra',
        'mellem', 'mellom', 'od',
    ] | join('|') -%}
    {%- set to = [
        '-', 'to', 'and', 'through', 'bis', 'und', 'à', 'et', 'a', 'y', 'al', 'e', 'até', 'en', 'tot', 'till',
        'och', 'til', 'og', 'do', 'až',
    ] | join('|') -%}
    {%- set patterns = {
        'exact': '^' ~ number ~ '$',
        'between': '^((' ~ between ~ ') )?' ~ number ~ ' ?(' ~ to ~ ') ?' ~ number ~ '$',
        'below': '^((' ~ below ~ ') ?' ~ number ~ '|' ~ number ~ '(未満|未满|미만))$',
        'at_most': '^((' ~ at_most ~ ') ?' ~ number ~ '|' ~ number ~ ' ?(' ~ or_fewer ~ '))$',
        'above': '^(' ~ above ~ ') ?' ~ number ~ '$',
        'at_least': '^((' ~ at_least ~ ') ?' ~ number ~ '|((' ~ at_least ~ ') ?)?' ~ number ~ ' ?(' ~ or_more ~ '))$',
    } -%}
    '{{ patterns[form] }}'
{%- endmacro %}
