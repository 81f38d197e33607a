"""Counts of an analytics export: the decimal mark of each column, cells that are no counts, and counts that cannot be.

A bad cell costs the cell: the row stays, the count is null, and one issue for the column says how many and where.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.layout import ENGLISH_EXPORT, Layout
from pipeline.sources.files import numbers
from pipeline.sources.files.protocol import InputFile, Request, issue_row
from pipeline.sources.files.records import column_of
from pipeline.sources.files.tabular import Record, Sheet
from pipeline.sources.lake_source import Row

# The smaller is a part of the larger by X's own definition.
PARTS = (
    *(("engagement_count", part) for part in ("like_count", "reply_count", "repost_count", "link_click_count")),
    ("impression_count", "engagement_count"),
)
RATE = "engagement_rate"
LOOKED_AT = 10_000  # rows that tell whether columns are where they belong
RATE_TOLERANCE = 0.001


@dataclass(frozen=True)
class BadCell:
    """A cell that is no count: its field, the line on which its row ends, and what is wrong with it."""

    field: str
    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class CountCheck:
    """What an issue needs of the counts of one row: its bad cells, and whether any cell is a figure."""

    bad: tuple[BadCell, ...]
    has_figure: bool


@dataclass(frozen=True)
class Counts:
    """The counts of one row by lake column, null where a cell is bad, and its bad cells."""

    values: Mapping[str, int | None]
    bad: tuple[BadCell, ...] = ()

    def get(self, field: str) -> int | None:
        """The count of a field; None where it is bad, not reported or not in the file."""
        return self.values.get(field)

    def check(self) -> CountCheck:
        """Whether the counts are figures, without them; the same object for all rows without fault."""
        has_figure = any(value is not None for value in self.values.values())
        return FAULTLESS if has_figure and not self.bad else CountCheck(self.bad, has_figure)


FAULTLESS = CountCheck((), has_figure=True)


@dataclass(frozen=True)
class CountReader:
    """Reads the counts of a sheet; the cells of a column tell its decimal mark, else those of the whole file."""

    columns: Mapping[str, int]
    marks: Mapping[str, numbers.Mark | None]

    def read(self, record: Record) -> Counts:
        """The counts of a row."""
        values: dict[str, int | None] = {}
        bad = []
        for field, position in self.columns.items():
            try:
                values[field] = numbers.parse_count(record.cells[position], self.marks[field])
            except ValueError as error:
                values[field] = None
                bad.append(BadCell(field, record.line, str(error)))
        return Counts(values, tuple(bad))


def count_reader(sheet: Sheet, layout: Layout) -> CountReader:
    """The reader of a sheet's counts. Engagement rates are fractions, so they tell the decimal mark of the file too."""
    columns = {field: position for field, position in layout.columns.items() if field.endswith("_count")}
    of_rates = (
        numbers.decimal_marks(column_of(sheet.records, layout.columns[RATE])) if RATE in layout.columns else frozenset()
    )
    of_all = numbers.decimal_marks(
        chain.from_iterable(column_of(sheet.records, position) for position in columns.values()), whole=True
    )
    marks = {
        field: numbers.choose_mark(
            numbers.decimal_marks(column_of(sheet.records, position), whole=True), of_rates, of_all
        )
        for field, position in columns.items()
    }
    return CountReader(columns, marks)


def is_count(cell: str) -> bool:
    """True for a whole number in some locale, or a mark for "not reported"."""
    for mark in (".", ","):
        try:
            numbers.parse_count(cell, mark)
        except ValueError:
            continue
        return True
    return False


def refuse_if_implausible(file: InputFile, layout: Layout, reader: CountReader) -> None:
    """Refuse columns that were taken by their position and hold what they cannot hold.

    Raises:
        TweetbenchError: in most rows a part is larger than its whole, or the rate is not that of its two columns.
    """
    doubtful = [pair for pair in PARTS if layout.placed & set(pair)]
    sample = islice(file.sheet.records, LOOKED_AT)
    rows = [reader.read(record) for record in sample] if doubtful else []
    for whole, part in doubtful:
        pairs = [(row.get(whole), row.get(part)) for row in rows]
        larger = [small > large for large, small in pairs if large is not None and small is not None and large != small]
        if 2 * sum(larger) > len(larger):
            names = f"{_named(file.sheet, layout, part)} is larger than {_named(file.sheet, layout, whole)}"
            raise _implausible(file, f"{names} in {sum(larger):,} of {len(larger):,} rows, but should be a part of it")
    if RATE not in layout.columns or ("impression_count", "engagement_count") not in doubtful:
        return
    fitting = list(_rates_fit(file.sheet, rows, layout.columns[RATE]))
    if fitting and 2 * sum(fitting) < len(fitting):
        detail = "the engagement rate is not that of the columns taken for engagements and impressions"
        raise _implausible(file, f"{detail} in {len(fitting) - sum(fitting):,} of {len(fitting):,} rows")


def count_issues(rows: Sequence[CountCheck], layout: Layout, file: InputFile, request: Request) -> list[Row]:
    """One issue for each column with bad cells: how many, and the first.

    Raises:
        TweetbenchError: no cell of any column is a count, though the rows have cells.
    """
    bad = [cell for row in rows for cell in row.bad]
    if bad and not any(row.has_figure for row in rows):
        first = bad[0]
        raise TweetbenchError(
            "no figure of this file can be read",
            where=file.shown_name,
            why=f"{len(bad):,} cells are not counts, e.g. in line {first.line}: {first.detail}",
            next_step="export it from X again and ingest that file unopened: tweetbench ingest FILE",
        )
    issues = []
    for field in dict.fromkeys(cell.field for cell in bad):
        cells = [cell for cell in bad if cell.field == field]
        name = file.sheet.header[layout.columns[field]]
        issues.append(
            issue_row(
                f"{file.shown_name} column {name}",
                "not_a_count",
                detail=f"{len(cells):,} of {len(rows):,} cells are not counts and left empty; the rows are used, "
                f"e.g. in line {cells[0].line}: {cells[0].detail}",
                next_step="ingest the file that came from X, unopened; it replaces what this one gave",
                request=request,
                original={"column": name, "lines": [cell.line for cell in cells[:100]]},
            )
        )
    return issues


def _rates_fit(sheet: Sheet, rows: Iterable[Counts], rate: int) -> Iterator[bool]:
    cells = column_of(sheet.records, rate)
    mark = numbers.choose_mark(numbers.decimal_marks(cells))
    for cell, row in zip(cells, rows, strict=False):
        impressions, engagements = row.get("impression_count"), row.get("engagement_count")
        try:
            stated = numbers.parse_number(cell.strip().removesuffix("%"), mark)
        except ValueError:
            continue
        if impressions and engagements:
            real = engagements / impressions * (100 if cell.strip().endswith("%") else 1)
            yield abs(stated - real) <= RATE_TOLERANCE * max(real, 1)


def _named(sheet: Sheet, layout: Layout, field: str) -> str:
    position = layout.columns[field]
    return f"column {position + 1} ({sheet.header[position]!r})"


def _implausible(file: InputFile, why: str) -> TweetbenchError:
    return TweetbenchError(
        "the columns of this export are not where X writes them",
        where=file.shown_name,
        why=why,
        next_step=ENGLISH_EXPORT,
    )
