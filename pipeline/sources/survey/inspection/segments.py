"""The group that a column stands for, by the words of its name and the look of its answers: company size, industry ...

Words alone are not enough for a size: `Allowing employees to post` asks for no number of employees.
"""

import re
from collections.abc import Collection, Iterable

from pipeline.sources.files.cells import counted
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.doubts import Doubt
from pipeline.sources.survey.inspection.facts import Facts, shown_name

COMPANY_SIZE = "company_size"
_SIZE_NAME = re.compile(
    r"\b(how many|number of|no of|size of|total) (\w+ ){0,4}(employees?|people|staff|mitarbeite\w*|beschäftigte\w*)\b"
    r"|\b(employees?|headcount|staff|workforce) (\w+ ){0,2}(count|size|number|band|range)\b|^(employees?|headcount)$"
    r"|\b(company|organi[sz]ation|firm|business|enterprise|employer|unternehmens|firmen|betriebs) ?(size|größe)\b"
    r"|\b(unternehmensgröße|firmengröße|betriebsgröße|bedrijfsgrootte)\b|\bhow (big|large) is (your|the) \w+\b"
    r"|\bhow many people (work|does|do|are)\b|\bpeople (work|are) employed\b|\bemployed (by|at|in) (your|the)\b"
    r"|\bwie viele (\w+ ){0,2}(mitarbeite\w*|beschäftigte\w*|personen arbeiten)\b|\banzahl (der )?mitarbeite\w*"
    r"|\b(taille|effectif) de (l |votre )?(entreprise|organisation)\b|\bcombien de (salariés|employés|personnes)\b"
    r"|\btamaño de (la|su|tu) empresa\b|\bcuántos empleados\b|\bhoeveel (medewerkers|werknemers)\b"
    r"|^(size|größe|taille|tamaño|mitarbeite\w*|beschäftigte\w*|salariés|empleados|medewerkers|dipendenti)$"
)
_SIZE_WORD = re.compile(
    r"\d|\b(just|only) (me|myself|you)\b|\b(me|myself|solo|self.?employed|freelancer?|none|one|small|medium|large|sme|"
    r"micro|enterprise|nur ich|allein|selbständig|klein|mittel|groß|petite|moyenne|grande|pequeña|mediana)\b",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("team_size", re.compile(r"\b(on|in|size of) (your|the)( \w+){0,3} team\b|\bteam size\b|\bteamgröße\b")),
    (COMPANY_SIZE, _SIZE_NAME),
    (
        "industry",
        re.compile(r"\b(industry|industries|branche|line of business|vertical|secteur|sector)\b|\bindustriezweig\b"),
    ),
    (
        "customer_focus",
        re.compile(
            r"\bb2b\b|\bb2c\b|\bcustomer focus\b|\b(who|what) are your (main )?customers\b|\bcustomer type\b"
            r"|\btype of customers\b|\bkunden(fokus|typ|gruppe)?\b|\bwer sind (ihre|eure) kunden\b"
        ),
    ),
    ("gender", re.compile(r"^(what is your )?(gender|sex|geschlecht|sexe|género)$|\byour (gender|sex)\b")),
    (
        "age_band",
        re.compile(
            r"^(what is your )?(age|age ?(band|group|range|cat)\w*|age\d|recage|alter|altersgruppe|edad|âge)$"
            r"|\bhow old are you\b|\bwie alt\b"
        ),
    ),
    (
        "education",
        re.compile(r"^((rec)?educ|education|schooling)\w*$|\blevel of education\b|\beducational attainment\b"),
    ),
    ("income_band", re.compile(r"\b(household|annual|personal|family) income\b|^income\w*$")),
    ("revenue_band", re.compile(r"\b(annual )?(revenue|turnover)\b|\bjahresumsatz\b|\bumsatz\b")),
    ("race", re.compile(r"^(race|ethnicity|racethn?)\w*$")),
    (
        "region",
        re.compile(
            r"^(region|country|state|location|cregion|location census region|census region|land|pays|país|bundesland)$"
            r"|\bwhere are you (based|located)\b|\bwhich (country|region)\b"
        ),
    ),
    ("job_role", re.compile(r"^(role|job (title|role|function)|seniority|position)$|\b(your|job) (role|function)\b")),
    ("party", re.compile(r"^(party|recparty|partysum)$")),
    ("children", re.compile(r"^(kids|children)$")),
    ("orientation", re.compile(r"^orientation$")),
    ("device", re.compile(r"^device( type)?$")),
)
RANGE = re.compile(r"^\d+ ?[-–] ?\d+$")
# `Jun-25` was 6-25, `41310` a date as a number: a spreadsheet program has made a date of a size.
DATE_LIKE = re.compile(
    r"(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|okt|oct|nov|de[cz])[a-z]*[-. ]\d{1,4}"
    r"|\d{1,2}[-. ](jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|okt|oct|nov|de[cz])[a-z]*([-. ]\d{2,4})?"
    r"|(3[5-9]|4[0-9]|5[0-4])\d{3}(\.0)?|\d{4}-\d{2}-\d{2}( 00:00(:00)?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}",
    re.IGNORECASE,
)


def find_dimension(names: Iterable[str], answers: Collection[str]) -> str | None:
    """The segment dimension of a column, or None.

    Args:
        names: name and wording as plain words.
        answers: the distinct texts of its cells, or the options under it.
    """
    known = tuple(names)
    for dimension, pattern in _PATTERNS:
        if any(pattern.search(name) for name in known):
            if dimension in (COMPANY_SIZE, "team_size") and not _are_sizes(answers):
                continue
            return dimension
    return None


def _are_sizes(answers: Collection[str]) -> bool:
    sized = sum(map(is_size, answers))
    return bool(answers) and sized >= 0.6 * len(answers)


def is_size(text: str) -> bool:
    """True for a short text with a number or a word for a size."""
    return len(text) <= 40 and _SIZE_WORD.search(text) is not None


def date_like_sizes(answers: Iterable[str]) -> list[str]:
    """The sizes that a spreadsheet program has turned into dates."""
    return [text for text in answers if DATE_LIKE.fullmatch(text.strip())]


def date_doubts(facts: Facts, key: str) -> list[Doubt]:
    """The cells of a column that a spreadsheet program may have turned into dates; `key` is where to correct them."""
    dates = date_like_sizes(facts.answers)
    if not dates:
        return []
    number = sum(facts.counts[text] for text in dates)
    shown = ", ".join(repr(text) for text in dates[:3])
    why = f"{counted(number, 'cell')} of {shown_name(facts)} {'look' if number > 1 else 'looks'} like a date ({shown})"
    made = "a spreadsheet program makes dates of sizes such as 6-25"
    return [Doubt(at.WRONG_COUNT, f"{why}: {made}; say which size is meant under {key}")]
