"""Names of days, months, quarters and years, as people give them to columns and sheets."""

import re

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
    *("januar", "jänner", "februar", "märz", "mai", "juni", "juli", "oktober", "dezember"),
    *("janvier", "février", "mars", "avril", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
    *("janeiro", "fevereiro", "março", "maio", "junho", "julho"),
    *("setembro", "outubro", "novembro", "dezembro"),
    *("gennaio", "febbraio", "aprile", "maggio", "giugno", "luglio"),
    *("settembre", "ottobre", "dicembre"),
    *("januari", "februari", "maart", "mei", "augustus"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
    *("mär", "mrz", "okt", "dez", "janv", "févr", "fév", "avr", "juil", "déc", "ene", "abr", "ago"),
    *("dic", "fev", "set", "out", "gen", "mag", "giu", "lug", "ott", "mrt"),
)
_MONTHS = rf"(?:{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})\.?"
# 2026, 2026-01, 01/2026, 2026-01-31, 31.01.2026, Jan 2026, January, Q1 2026, 2026-W44
_MONTH_WORD = re.compile(rf"(?<![^\W\d_]){_MONTHS}(?![^\W\d_])", re.IGNORECASE)
_PERIOD = re.compile(
    rf"(19|20)\d{{2}}|\d{{4}}[-/.]\d{{1,2}}([-/.]\d{{1,2}})?|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|\d{{1,2}}[-/.]\d{{4}}|"
    rf"(\d{{1,2}}\.? )?{_MONTHS}([ -/]*(\d{{2}}|\d{{4}}))?|\d{{4}} ?{_MONTHS}|q[1-4]([ -/]*\d{{2,4}})?|"
    r"\d{4}-?[wq]\d{1,2}",
    re.IGNORECASE,
)


def is_period_name(name: str) -> bool:
    """True for a name that is a day, a month, a quarter, a week or a year and nothing else."""
    return _PERIOD.fullmatch(name.strip()) is not None


def are_of_one_series(names: list[str]) -> bool:
    """True if names differ by their period or number only: `2025` and `2026`, `Sheet1` and `Sheet2`, `Acme May`."""
    words = {re.sub(r"[\W\d_]+", "", _MONTH_WORD.sub("", name)).casefold() for name in names}
    return len(words) == 1 or all(is_period_name(name) for name in names)
