"""Header rows of survey tools: from one, two or three rows to one name per column, and the rows that hold answers.

Knows the habits of the tools, not what a mapping says about a survey.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.errors import TweetbenchError
from pipeline.sources.personal_data import find_kind
from pipeline.sources.survey.cells import is_time, tidy
from pipeline.sources.tabular import Record, SetAside, Sheet

IMPORT_ID = '{"ImportId"'  # Qualtrics' third header row holds such JSON in every column
SURVEYMONKEY_ANSWER = "Response"  # SurveyMonkey's second header row of a question with one column


@dataclass(frozen=True)
class Column:
    """One column: its unique name, and the part of it that names an option or an item."""

    position: int
    name: str
    label: str


@dataclass(frozen=True)
class Layout:
    """A survey export with named columns and the rows below the header."""

    columns: tuple[Column, ...]
    parts: tuple[tuple[str, ...], ...]  # per column, the header texts that may stand for its name where unique
    records: tuple[Record, ...]
    set_aside: tuple[SetAside, ...]
    missing: tuple[frozenset[str], ...] = ()  # per column, the texts that the file itself declares as no answer

    def missing_texts(self, column: Column) -> tuple[str, ...]:
        """Cells of a column that the file declares as no answer (user-missing in SPSS)."""
        return tuple(sorted(self.missing[column.position])) if self.missing else ()

    def find(self, name: str) -> Column | None:
        """The column with this name, or the only one with this text in a header row."""
        position = self._by_name.get(tidy(name), self._by_part.get(tidy(name)))
        return None if position is None else self.columns[position]

    def cells(self, column: Column, records: Sequence[Record]) -> list[str]:
        """One column's cells in the given rows."""
        return [record.cells[column.position] for record in records]

    @cached_property
    def _by_name(self) -> Mapping[str, int]:
        return {column.name: column.position for column in self.columns}

    @cached_property
    def _by_part(self) -> Mapping[str, int]:
        count = Counter(part for parts in self.parts for part in set(parts))
        return {part: at for at, parts in enumerate(self.parts) for part in parts if part and count[part] == 1}


def lay_out(sheet: Sheet, header_rows: int) -> Layout:
    """Names of all columns and the rows below the header; nothing is refused here."""
    width = len(sheet.header)
    below = sheet.in_order()[: header_rows - 1]
    lines = {row.line for row in below}
    rows = [[tidy(cell) for cell in cells] for cells in (sheet.header, *(_fit(row.cells, width) for row in below))]
    names, labels = _names(rows) if header_rows == 2 and below else (rows[0], _tails(rows))
    unique = _unique(names)
    columns = tuple(Column(at, unique[at], labels[at] or unique[at]) for at in range(width))
    records = tuple(row for row in sheet.records if row.line not in lines)
    parts = tuple(tuple(row[at] for row in rows[:2]) if header_rows == 2 else (rows[0][at],) for at in range(width))
    if sheet.labels and header_rows == 1:
        texts = [tidy(label) for label in sheet.labels]
        columns = tuple(Column(each.position, each.name, texts[each.position] or each.label) for each in columns)
        parts = tuple((*part, text) for part, text in zip(parts, texts, strict=True))
    below_header = tuple(row for row in sheet.set_aside if row.line not in lines)
    return Layout(columns, parts, records, below_header, sheet.missing)


def check_header(sheet: Sheet, header_rows: int, file_name: str, mapping_name: str) -> None:
    """Refuse a mapping whose `header_rows` is not what the file has: a respondent would be lost or a header counted.

    Raises:
        TweetbenchError: a header row is missing, is too wide, or looks like a respondent's answers.
    """
    rows = sheet.in_order()
    marked = next((at for at, row in enumerate(rows[:3]) if any(IMPORT_ID in cell for cell in row.cells)), None)
    problem, expected = "", header_rows
    if marked is not None and header_rows != marked + 2:
        problem, expected = f"row {marked + 2} of the file is still a header row (it holds ImportId)", marked + 2
    elif marked is None and header_rows == 3:
        problem, expected = "the third row is not Qualtrics' ImportId row", 2
    elif header_rows == 1 and "" in sheet.header and rows and _is_surveymonkey(sheet, rows[0].cells):
        problem, expected = "the second row is still a header row (it holds options and 'Response')", 2
    elif header_rows == 2 and rows and any(_is_answer(cell) for cell in rows[0].cells):
        problem, expected = "the second row holds a time, an address or a number of a respondent", 1
    elif len(rows) >= header_rows > 1 and any(len(row.cells) > len(sheet.header) for row in rows[: header_rows - 1]):
        problem = "a header row has more cells than the first row"
    if problem:
        raise TweetbenchError(
            f"header_rows: {header_rows} does not fit this file",
            where=f"{file_name}, mapping {mapping_name}",
            why=problem,
            next_step=f"set header_rows to {expected} in {mapping_name}, then run: tweetbench ingest FILE --check"
            if expected != header_rows
            else "export the file again without changing it in a spreadsheet program",
        )


def _fit(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *([""] * (width - len(cells)))]


def _names(rows: list[list[str]]) -> tuple[list[str], list[str]]:
    """Names and labels from two rows: `question / option`, the question going on over blanks to its right."""
    names, labels, question = [], [], ""
    for upper, lower in zip(*rows[:2], strict=True):
        question = upper or (question if lower else "")
        alone = not lower or lower in (SURVEYMONKEY_ANSWER, question)
        names.append(question if alone else f"{question} / {lower}" if question else lower)
        labels.append(question if alone else lower)
    return names, labels


def _tails(rows: list[list[str]]) -> list[str]:
    """Labels from one row, or from Qualtrics' second: `Which do you use? - Selected Choice - Facebook`."""
    return [text.rsplit(" - ", 1)[-1] for text in rows[1]] if len(rows) > 1 else [*rows[0]]


def _unique(names: list[str]) -> list[str]:
    taken: set[str] = set()
    last: Counter[str] = Counter()  # so that thousands of equal names cost no quadratic time
    unique = []
    for position, name in enumerate(names, start=1):
        base = name or f"column {position}"
        candidate, times = base, max(last[base], 1)
        while candidate in taken:
            times += 1
            candidate = f"{base} ({times})"
        taken.add(candidate)
        last[base] = times
        unique.append(candidate)
    return unique


def _is_surveymonkey(sheet: Sheet, second: Sequence[str]) -> bool:
    """Row 2 is SurveyMonkey's: `Response`, or texts under blanks of row 1 while the respondent's columns are empty."""
    return not second[0].strip() and any(tidy(cell) == SURVEYMONKEY_ANSWER for cell in second[: len(sheet.header)])


def _is_answer(cell: str) -> bool:
    """A header cell that is nothing but a time, an e-mail address or an IP address."""
    text = tidy(cell)
    return is_time(text) or (" " not in text and find_kind(text) is not None)
