"""Which tool wrote a survey export, and what its header rows say about each column.

How many header rows there are is decided in `layout.marked_rows`, for drafts and readers alike.
"""

import re
from dataclasses import dataclass

from pipeline.sources.files.cells import tidy
from pipeline.sources.files.sheet import Sheet
from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.words import words
from pipeline.sources.survey.layout import IMPORT_ID_MARK, LEGACY_MARK, WORDINGS_MARK, Layout, marked_rows

_LIMESURVEY = re.compile(r"\blast ?page\b|\bstart ?language\b|\bseed\b|\bdate submitted\b|\bsubmitdate\b")
_AGAIN = re.compile(r" \(\d+\)$")  # how `layout` tells equal names apart
_TIMESTAMPS = {
    *("timestamp", "zeitstempel", "horodateur", "marca temporal", "informazioni cronologiche", "tijdstempel"),
    *("carimbo de data hora", "отметка времени", "タイムスタンプ", "sygnatura czasowa"),
    *("zaman damgası", "časové razítko", "časová pečiatka", "aikaleima", "tidsstempel", "tidsstämpel", "időbélyeg"),
    *("时间戳记", "타임스탬프", "時間戳記", "marcaj de timp"),
}


@dataclass(frozen=True)
class Guessed:
    """The tool and the header rows of a file."""

    tool: str
    header_rows: int
    mark: str


def guess_header(sheet: Sheet) -> Guessed:
    """Name of the tool, number of header rows and the mark that shows them."""
    rows, mark = marked_rows(sheet)
    return Guessed(_tool(sheet, rows, mark), rows, mark)


def _tool(sheet: Sheet, rows: int, mark: str) -> str:
    names = {words(name) for name in sheet.header}
    if sheet.form == "sav":
        return "SPSS"
    if mark == IMPORT_ID_MARK:
        return "Qualtrics"
    if mark == LEGACY_MARK:
        return "Qualtrics (legacy)"
    if (rows > 1 and mark != WORDINGS_MARK) or names & {"respondentid", "collectorid", "respondent id", "collector id"}:
        return "SurveyMonkey"
    if len({match[0] for name in names for match in _LIMESURVEY.finditer(name)}) > 1:
        return "LimeSurvey"
    if sheet.header and words(sheet.header[0]) in _TIMESTAMPS:
        return "Google Forms"
    if names & {"submit date utc", "network id", "start date utc"}:
        return "Typeform"
    return "a table without the marks of a tool"


def gather(sheet: Sheet, layout: Layout, header: Guessed) -> list[Facts]:
    """The columns of a survey with what the header rows say and with their cells."""
    below = [[tidy(cell) for cell in row.cells] for row in sheet.first_rows(header.header_rows - 1)]
    found = []
    for column in layout.columns:
        at, label = column.position, column.label
        texts = [row[at] if at < len(row) else "" for row in below]
        question, import_id, is_under, is_closed = "", "", False, False
        if header.mark == IMPORT_ID_MARK and texts:
            question, import_id = texts[0], _import_id(texts[-1])
            is_closed = re.fullmatch(r"QID\d+(_\d+)*", import_id) is not None
        elif header.mark == LEGACY_MARK and texts:
            question, label = texts[0], texts[0].rsplit("-", 1)[-1].strip() or label
        elif header.mark == WORDINGS_MARK and texts:
            question, label = texts[0], layout.parts[at][0]
        elif header.header_rows > 1:
            name = column.name if column.name.endswith(f" / {label}") else _AGAIN.sub("", column.name)
            is_under = name.endswith(f" / {label}")
            question = name.removesuffix(f" / {label}") if is_under else name
            is_under = is_under or (bool(texts[-1]) and texts[-1] == question)  # an option called like its question
            is_closed = texts[-1].casefold() == "response"
        elif sheet.labels:
            question = tidy(sheet.labels[at])
        found.append(
            Facts(
                column,
                question,
                label,
                import_id,
                tuple(_tidy_lines(cell) for cell in layout.cells(column, layout.records)),
                frozenset(layout.missing_texts(column)),
                sheet.orders[at] if sheet.orders else (),
                is_under,
                is_under and not layout.parts[at][0],
                is_closed,
            )
        )
    return found


def _tidy_lines(cell: str) -> str:
    """A cell as it is compared, with the line breaks that may stand between choices."""
    if "\n" not in cell and "\r" not in cell:
        return tidy(cell)
    return "\n".join(line for line in map(tidy, cell.splitlines()) if line)


def _import_id(cell: str) -> str:
    match = re.search(r'"ImportId"\s*:\s*"([^"]*)"', cell)
    return match[1] if match else ""
