"""Header rows of survey tools: from one, two or three rows to one name per column, and the rows that hold answers.

Knows the habits of the tools, not what a mapping says about a survey. `marked_rows` is the one place that says how many
header rows a file has, for the reader and for drafts.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property
from itertools import islice

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import is_time, tidy
from pipeline.sources.files.personal_data import find_kind
from pipeline.sources.files.records import Record, RecordStore, column_of
from pipeline.sources.files.sheet import SetAside, Sheet
from pipeline.sources.files.table_header import (
    ANSWER_MARKS,
    LOOKED_AT,
    are_wordings,
    header_depth,
    is_response,
)
from pipeline.sources.files.zones import stated_zone
from pipeline.sources.survey.column_names import fitted, join_rows, last_parts, make_unique
from pipeline.sources.survey.no_responses import find_no_responses

IMPORT_ID = '{"ImportId"'  # Qualtrics' third header row holds such JSON in every column
_LEGACY_NAME = re.compile(r"V\d+")  # names of Qualtrics' own columns until 2017
WORDINGS_MARK = "it holds the wordings of the names above"
IMPORT_ID_MARK, LEGACY_MARK = "it holds ImportId", "it names the column ResponseID"
ORDINALS = ("first", "second", "third")


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
    records: Sequence[Record]
    set_aside: tuple[SetAside, ...]
    missing: tuple[frozenset[str], ...] = ()  # per column, the texts that the file itself declares as no answer
    zones: Mapping[int, tzinfo] = field(default_factory=dict)  # time zones that header rows state, by position

    def missing_texts(self, column: Column) -> tuple[str, ...]:
        """Cells of a column that the file declares as no answer (user-missing in SPSS)."""
        return tuple(sorted(self.missing[column.position])) if self.missing else ()

    def find(self, name: str) -> Column | None:
        """The column with this name, or the only one with this text in a header row."""
        position = self._by_name.get(tidy(name), self._by_part.get(tidy(name)))
        return None if position is None else self.columns[position]

    def cells(self, column: Column, records: Sequence[Record]) -> list[str]:
        """One column's cells in the given rows."""
        return column_of(records, column.position)

    def cells_of(self, column: Column, rows: Sequence[int]) -> list[str]:
        """One column's cells in rows that are given by their positions, in rising order."""
        texts = column_of(self.records, column.position)
        return texts if len(rows) == len(texts) else [texts[row] for row in rows]

    @cached_property
    def _by_name(self) -> Mapping[str, int]:
        return {column.name: column.position for column in self.columns}

    @cached_property
    def _by_part(self) -> Mapping[str, int]:
        count = Counter(part for parts in self.parts for part in set(parts))
        return {part: at for at, parts in enumerate(self.parts) for part in parts if part and count[part] == 1}


def lay_out(sheet: Sheet, header_rows: int, skip_rows: int | None = None) -> Layout:
    """Names of all columns and the responses below the header; nothing is refused here.

    Args:
        sheet: the file as a table.
        header_rows: rows of the header, 1 to 3.
        skip_rows: lines above the header as a person counted them; None: where the table itself begins.
    """
    return _without_repeats(*lay_out_header(sheet, header_rows, skip_rows))


def lay_out_header(sheet: Sheet, header_rows: int, skip_rows: int | None = None) -> tuple[Layout, list[list[str]]]:
    """As `lay_out`, with all rows below the header, whatever they are; and the header rows."""
    sheet = placed(sheet, skip_rows)
    width = len(sheet.header)
    below = sheet.first_rows(header_rows - 1)
    lines = {row.line for row in below}
    rows = [[tidy(cell) for cell in cells] for cells in (sheet.header, *(fitted(row.cells, width) for row in below))]
    is_qualtrics = header_rows == 3 and any(IMPORT_ID in cell for row in rows for cell in row)
    names, labels = join_rows(rows) if below and not is_qualtrics else (rows[0], last_parts(rows))
    unique = make_unique(names)
    columns = tuple(Column(at, unique[at], labels[at] or unique[at]) for at in range(width))
    used = 1 if is_qualtrics else len(rows)
    parts = tuple(tuple(row[at] for row in rows[:used]) for at in range(width))
    if sheet.labels and header_rows == 1:
        texts = [tidy(label) for label in sheet.labels]
        columns = tuple(Column(each.position, each.name, texts[each.position] or each.label) for each in columns)
        parts = tuple((*part, text) for part, text in zip(parts, texts, strict=True))
    zones = {
        at: zone for at in range(width) if (zone := next(filter(None, (stated_zone(row[at]) for row in rows)), None))
    }
    used_rows = sum(row.line in lines for row in islice(sheet.records, header_rows))
    records = sheet.records[used_rows:]
    set_aside = tuple(row for row in sheet.set_aside if row.line not in lines)
    return Layout(columns, parts, records, set_aside, sheet.missing, zones), rows


def placed(sheet: Sheet, skip_rows: int | None) -> Sheet:
    """The table with its header where a person says, else where ImportIds show it, else where it begins by itself."""
    if skip_rows is not None:
        return sheet.skipping(skip_rows)
    rows = [Record(sheet.header_line, sheet.header), *sheet.first_rows(LOOKED_AT)]
    marked = next((at for at, row in enumerate(rows) if any(IMPORT_ID in cell for cell in row.cells)), 0)
    ids = [at for at, cell in enumerate(rows[marked].cells) if IMPORT_ID in cell]
    for row in rows[max(marked - 2, 0) : marked]:
        # A title above the names leaves most columns without one, but not those of row numbers.
        if all(at < len(row.cells) and tidy(row.cells[at]) for at in ids):
            return sheet if row.line == sheet.header_line else sheet.skipping(row.line - 1)
    return sheet


def marked_rows(sheet: Sheet) -> tuple[int, str]:
    """How many header rows the marks of tools show, 1 where there are none; and the mark of the last, for messages."""
    rows = [row.cells for row in sheet.first_rows(LOOKED_AT)]
    marked = next((at for at, row in enumerate(rows[:3]) if any(IMPORT_ID in cell for cell in row)), None)
    if marked is not None:
        return min(marked + 2, 3), IMPORT_ID_MARK
    if sheet.form == "sav" or not rows:
        return 1, ""
    names = [tidy(cell).casefold().replace(" ", "") for cell in rows[0]]
    if "responseid" in names and any(_LEGACY_NAME.fullmatch(name) for name in sheet.header):
        return 2, LEGACY_MARK
    depth = header_depth([sheet.header, *rows])
    if depth == 1:
        return 1, ""
    if depth == 2 and are_wordings(sheet.header, rows[0], rows[1:]):
        return depth, WORDINGS_MARK
    has_mark = any(tidy(cell).casefold() in ANSWER_MARKS for cell in rows[depth - 2])
    return depth, "it holds options and 'Response'" if has_mark else "it holds names of options and no answers"


def check_header(sheet: Sheet, header_rows: int, file_name: str, mapping_name: str) -> None:
    """Refuse a mapping whose `header_rows` is not what the file has: a respondent would be lost or a header counted.

    Raises:
        TweetbenchError: a header row is missing, is too wide, or looks like a respondent's answers.
    """
    rows = sheet.first_rows(LOOKED_AT)
    marked, mark = marked_rows(sheet)
    has_import_id = mark == IMPORT_ID_MARK
    problem, expected = "", header_rows
    below = [row.cells for row in rows]
    responses = (
        at + 2 for at in range(marked - 1, header_rows - 1) if at < len(rows) and _is_response(sheet, below, at)
    )
    answers = next(responses, None)
    if header_rows < marked or (has_import_id and header_rows != marked):
        problem, expected = f"the {ORDINALS[marked - 1]} row of the table is still a header row ({mark})", marked
    elif answers is not None:
        problem = (
            f"the {ORDINALS[answers - 1]} row of the table holds a respondent's answers, such as a number or a time"
        )
        expected = answers - 1
    elif header_rows == 3 and marked < 3:
        problem, expected = "the third row is neither Qualtrics' ImportId row nor a row of options", max(marked, 2)
    elif len(rows) >= header_rows > 1 and any(len(row.cells) > len(sheet.header) for row in rows[: header_rows - 1]):
        problem = "a header row has more cells than the first row"
    if problem:
        raise wrong_header_rows(header_rows, expected, problem, file_name, mapping_name)


def wrong_header_rows(
    header_rows: int, expected: int, problem: str, file_name: str, mapping_name: str
) -> TweetbenchError:
    """The refusal of a mapping with the wrong number of header rows."""
    return TweetbenchError(
        f"header_rows: {header_rows} does not fit this file",
        where=f"{file_name}, mapping {mapping_name}",
        why=problem,
        next_step=f"set header_rows to {expected} in {mapping_name}, then run: tweetbench ingest FILE --check"
        if expected != header_rows
        else "export the file again without changing it in a spreadsheet program",
    )


def _without_repeats(layout: Layout, header: Sequence[Sequence[str]]) -> Layout:
    """The layout without rows that are no responses."""
    aside = find_no_responses(layout.records, header)
    if not aside:
        return layout
    kept, lines = RecordStore(len(layout.columns)), {row.line for row in aside}
    for record in layout.records:
        if record.line not in lines:
            kept.add(record.line, record.cells)
    return replace(layout, records=kept.finish(), set_aside=(*layout.set_aside, *aside))


def _is_response(sheet: Sheet, rows: Sequence[Sequence[str]], at: int) -> bool:
    return any(_is_answer(cell) for cell in rows[at]) or is_response(sheet.header, rows[at], rows[at + 1 :])


def _is_answer(cell: str) -> bool:
    """A header cell that is nothing but a time, an e-mail address or an IP address."""
    text = tidy(cell)
    return is_time(text) or (" " not in text and find_kind(text) is not None)
