"""Which tool wrote a survey export and how many header rows it has, told from its first rows."""

import re

from pipeline.sources.survey.inspection.words import words
from pipeline.sources.survey.layout import IMPORT_ID_MARK, LEGACY_MARK, marked_rows
from pipeline.sources.tabular import Sheet

_LIMESURVEY = re.compile(r"\blast ?page\b|\bstart ?language\b|\bseed\b|\bdate submitted\b")


def guess_header(sheet: Sheet) -> tuple[str, int]:
    """Name of the tool and number of header rows; what a header row is says `layout.marked_rows`, as for the reader."""
    rows, mark = marked_rows(sheet)
    names = {words(name) for name in sheet.header}
    if sheet.form == "sav":
        return "SPSS", 1
    if mark == IMPORT_ID_MARK:
        return "Qualtrics", rows
    if mark == LEGACY_MARK:
        return "Qualtrics (legacy)", rows
    if rows > 1 or names & {"respondentid", "collectorid", "respondent id", "collector id"}:
        return "SurveyMonkey", rows
    if any(_LIMESURVEY.search(name) for name in names):
        return "LimeSurvey", 1
    if sheet.header and words(sheet.header[0]) in {"timestamp", "zeitstempel", "horodateur", "marca temporal"}:
        return "Google Forms", 1
    if names & {"submit date utc", "network id", "start date utc"}:
        return "Typeform", 1
    return "a table without the marks of a tool", 1
