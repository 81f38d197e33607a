"""Which tool wrote a survey export and how many header rows it has, told from its first rows."""

import re
from collections.abc import Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.survey.inspection.words import words
from pipeline.sources.survey.layout import IMPORT_ID, SURVEYMONKEY_ANSWER, check_header
from pipeline.sources.tabular import Sheet

_LIMESURVEY = re.compile(r"\blast ?page\b|\bstart ?language\b|\bseed\b|\bdate submitted\b")


def guess_header(sheet: Sheet) -> tuple[str, int]:
    """Name of the tool and number of header rows."""
    names = {words(name) for name in sheet.header}
    tool, guess = _guess(sheet, names)
    for rows in (guess, 1, 2, 3):
        try:
            check_header(sheet, rows, "", "")
        except TweetbenchError:
            continue
        return tool, rows
    return tool, guess


def _guess(sheet: Sheet, names: set[str]) -> tuple[str, int]:
    below = [row.cells for row in sheet.in_order()[:3]]
    marked = next((at for at, row in enumerate(below) if any(IMPORT_ID in cell for cell in row)), None)
    if sheet.form == "sav":
        return "SPSS", 1
    if marked is not None:
        return "Qualtrics", marked + 2
    if below and _is_legacy_qualtrics(sheet.header, below[0]):
        return "Qualtrics (legacy)", 2
    if below and "" in sheet.header and _is_options_row(sheet.header, below[0]):
        return "SurveyMonkey", 2
    if names & {"respondentid", "collectorid", "respondent id", "collector id"}:
        return "SurveyMonkey", 1
    if any(_LIMESURVEY.search(name) for name in names):
        return "LimeSurvey", 1
    if sheet.header and words(sheet.header[0]) in {"timestamp", "zeitstempel", "horodateur", "marca temporal"}:
        return "Google Forms", 1
    if names & {"submit date utc", "network id", "start date utc"}:
        return "Typeform", 1
    return "a table without the marks of a tool", 1


def _is_legacy_qualtrics(header: Sequence[str], second: Sequence[str]) -> bool:
    return any(re.fullmatch(r"V\d+", name) for name in header) and any(words(cell) == "responseid" for cell in second)


def _is_options_row(header: Sequence[str], second: Sequence[str]) -> bool:
    """Row 2 is SurveyMonkey's: options under the blanks of row 1, nothing under the respondent's own columns."""
    has_response = any(cell.strip() == SURVEYMONKEY_ANSWER for cell in second)
    under_blanks = [cell for name, cell in zip(header, second, strict=False) if not name.strip()]
    filled = sum(bool(cell.strip()) for cell in under_blanks)
    return not second[0].strip() and (has_response or (bool(under_blanks) and filled == len(under_blanks)))
