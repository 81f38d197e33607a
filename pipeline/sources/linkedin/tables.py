"""LinkedIn's tables in a file: sheets of a workbook, one table saved as CSV, or several one below the other.

A table begins at a row that names its columns and ends at the next such row. Each kind is known by its names; a table
without names that are known is refused by its shape. What the cells say belongs to the readers of each kind.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.records import Record
from pipeline.sources.files.sheet import ABOVE_HEADER, Flag
from pipeline.sources.files.workbook import sheet_names
from pipeline.sources.linkedin.header_words import ENGLISH, NEEDED, fold, is_audience_total, is_visits, words

Kind = Literal["metrics", "posts", "followers", "competitors", "visitors", "audience"]
FEWEST_VISITS = 3
MOST_SHEETS = 40  # an export has two to six; people put several together
MOST_COLUMNS = 60
MOST_ROWS_BEFORE_A_TABLE = 100
# What adds up to what in a table by day, whatever its columns are called: see `_adds_up`.
_METRICS_SUMS = ".++=.++=++=++=++=..."
_FOLLOWERS_SUMS = {4: ".++=", 5: ".+++="}
FEWEST_DAYS = 5
SHEETS_OF_FOLLOWERS = 6
_POST = re.compile(r"linkedin\.com/.*urn(?::|%3A)li(?::|%3A)(?:activity|share|ugcPost)", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A row of a table by its fields, with its place for messages."""

    number: int
    sheet: str
    cells: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the row is."""
        return f"sheet {self.sheet!r} line {self.number}" if self.sheet else f"line {self.number}"


@dataclass(frozen=True)
class Table:
    """One of LinkedIn's tables: its kind, the position of each field, its rows, and what stands right above it."""

    kind: Kind
    language: str
    header: tuple[str, ...]
    columns: dict[str, int]
    above: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)

    def cell(self, line: Line, name: str) -> str:
        """The cell of a field; empty where the table has no such column or the row ends before it."""
        at = self.columns.get(name)
        return "" if at is None or at >= len(line.cells) else line.cells[at].strip()

    def column(self, name: str) -> list[str]:
        """All cells of a field."""
        return [self.cell(line, name) for line in self.lines] if name in self.columns else []

    def original(self, line: Line) -> dict[str, str]:
        """What may be stored of a row: known columns but for names of employees, others where they hold no words."""
        known = {at for name, at in self.columns.items() if name != "posted_by"}
        kept = {}
        for at, name in enumerate(self.header):
            cell = line.cells[at] if at < len(line.cells) else ""
            if at in known or (name and at != self.columns.get("posted_by") and not any(map(str.isalpha, cell))):
                kept[name] = cell
        return kept

    def figures(self, line: Line) -> dict[str, str]:
        """What may be stored of a row that is none of LinkedIn's: no text, which may be anybody's notes."""
        return {name: cell for name, cell in self.original(line).items() if not any(map(str.isalpha, cell))}


@dataclass(frozen=True)
class Found:
    """The tables of a file, what is said of single cells, and rows that belong to no table."""

    tables: tuple[Table, ...]
    flags: tuple[Flag, ...] = ()
    stray: tuple[Line, ...] = ()

    def of(self, kind: Kind) -> list[Table]:
        """The tables of one kind."""
        return [table for table in self.tables if table.kind == kind]


def find_tables(file: InputFile) -> Found:
    """LinkedIn's tables in all sheets of a file; none where it is no table at all."""
    return _find(replace(file, sheet_name=None))


@lru_cache(maxsize=1)  # every source asks about every sheet of the same file
def _find(file: InputFile) -> Found:
    tables: list[Table] = []
    flags: list[Flag] = []
    stray: list[Line] = []
    try:
        names = sheet_names(file.path, file.shown_name)[:MOST_SHEETS] if file.is_workbook else ()
    except TweetbenchError:
        return Found(())
    for name in names or (None,):
        try:
            sheet = replace(file, sheet_name=name).sheet
        except TweetbenchError:
            continue  # an empty or damaged sheet; a file of nothing else is refused by `reading`
        if len(sheet.header) > MOST_COLUMNS:
            continue
        flags += [flag for flag in sheet.flags if flag.problem != ABOVE_HEADER]
        header = Record(sheet.header_line, sheet.header)
        if not any(_begin(row.cells) for row in (*sheet.above, header, *sheet.first_rows(MOST_ROWS_BEFORE_A_TABLE))):
            continue  # the million rows of another program are neither held nor compared
        rows = [*sheet.above, header, *sheet.in_order()]
        tables += _split([Line(row.line, name or "", tuple(row.cells)) for row in rows], stray)
    return Found(tuple(tables), tuple(flags), tuple(stray))


def _split(lines: Sequence[Line], stray: list[Line]) -> Iterator[Table]:
    """The tables of one sheet; rows of a single text are titles."""
    table: Table | None = None
    above: tuple[str, ...] = ()
    outside: list[Line] = []
    is_known = False
    for line in lines:
        filled = sum(map(bool, map(str.strip, line.cells)))
        if begun := _begin(line.cells):
            if table:
                yield table
            table, is_known = replace(begun, above=above), True
        elif table and filled > 1:
            table.lines.append(line)
        elif filled > 1:
            outside.append(line)
        elif table and table.kind == "audience":
            pass
        elif table and table.lines and filled:
            # A title such as `Location: Table 1` ends the table above it; a cut-off last row does not.
            if line.cells[0].strip() and not any(map(str.isdigit, line.cells[0][:1])):
                yield table
                table = None
            else:
                table.lines.append(line)
        above = line.cells
    if table:
        yield table
    if is_known:
        # The period stands above the table of competitors.
        stray += [line for line in outside if not any(map(str.isdigit, "".join(line.cells)))]


def _begin(cells: Sequence[str]) -> Table | None:
    """The table whose columns a row names; None for any other row."""
    names = [fold(cell) for cell in cells]
    if sum(map(bool, names)) < 2:
        return None
    header = tuple(cell.strip() for cell in cells)
    for kind in ("metrics", "posts", "followers", "competitors"):
        by_language = words(kind)
        known = {name: field for known in by_language.values() for name, field in known.items()}
        columns: dict[str, int] = {}
        for at, name in enumerate(names):
            if name in known:
                columns.setdefault(known[name], at)
        if columns.keys() >= NEEDED[kind]:
            language = max(
                by_language, key=lambda each: (sum(name in by_language[each] for name in names), each == ENGLISH)
            )
            return Table(kind, language, header, columns)
    if sum(map(is_visits, names)) >= FEWEST_VISITS:
        return Table("visitors", "", header, {})
    filled = [name for name in names if name]
    if 2 <= len(filled) <= 3 and is_audience_total(names[1]) and not names[0].isdecimal():
        return Table("audience", "", header, {})
    return None


def has_foreign_shape(file: InputFile) -> bool:
    """True for links to LinkedIn's posts, or daily figures that add up as LinkedIn's do, below names not known.

    Followers by day have few columns, so they count only in a workbook with the sheets of audiences next to them.
    """
    try:
        sheet = file.sheet
    except TweetbenchError:
        return False
    if len(sheet.header) > MOST_COLUMNS:
        return False
    rows = [record.cells for record in sheet.records[:20]]
    linked = sum(any(_POST.search(cell) for cell in row) for row in rows)
    if rows and 2 * linked > len(rows) and len(sheet.header) >= 15:
        return True
    if len(rows) < FEWEST_DAYS:
        return False
    if len(sheet.header) == len(_METRICS_SUMS):
        return all(_adds_up(row, _METRICS_SUMS) for row in rows)
    is_gains = file.is_workbook and len(sheet_names(file.path, file.shown_name)) == SHEETS_OF_FOLLOWERS
    sums = _FOLLOWERS_SUMS.get(len(sheet.header)) if is_gains else None
    return sums is not None and all(_adds_up(row, sums) for row in rows)


def _adds_up(row: Sequence[str], sums: str) -> bool:
    """True if every `=` is the sum of the `+` before it; `.` is any cell."""
    parts = 0
    try:
        for cell, sign in zip(row, sums, strict=True):
            if sign == "+":
                parts += int(cell)
            elif sign == "=":
                if parts != int(cell):
                    return False
                parts = 0
    except ValueError:
        return False
    return True
