"""Which column of an analytics export holds what, and what a cell of it may say.

Nothing here knows the name of a column: the export sources bring their lists. What becomes of a row that cannot be
used, and whose the file is, belongs to `analytics_export`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from pipeline.errors import TweetbenchError
from pipeline.sources.protocol import InputFile
from pipeline.sources.tabular import Record, Sheet
from pipeline.sources.values import is_rewritten_date, parse_count

Moment = TypeVar("Moment", bound=date)

SAMPLE_ROWS = 20
FIRST_DAY = date(2006, 3, 21)  # the first post ever


class UnusableRowError(ValueError):
    """A row that cannot be used; `problem` is its short name."""

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


@dataclass(frozen=True)
class Layout:
    """Where a sheet keeps what: positions by field (post_id, text, ...) and by lake column (those end in _count)."""

    dialect: str
    columns: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def cell(self, record: Record, field: str) -> str:
        """The cell of a field as it stands; empty where the sheet has no such column."""
        position = self.columns.get(field)
        return "" if position is None else record.cells[position]


def layout_by_name(
    sheet: Sheet, dialect: str, fields: Mapping[str, str], *, unused: Collection[str] = frozenset()
) -> Layout:
    """Positions by column name, in any order; what is missing or unknown is noted.

    Args:
        fields: field or lake column by column name, lower case.
        unused: further column names that are known; they stay in the payload.
    """
    columns: dict[str, int] = {}
    extra = []
    for position, name in enumerate(sheet.normalised_header()):
        if name in fields and fields[name] not in columns:
            columns[fields[name]] = position
        elif name not in unused:
            extra.append(sheet.header[position] or f"column {position + 1}")
    missing = [field for field in dict.fromkeys(fields.values()) if field not in columns]
    notes = [f"columns kept in the payload only: {', '.join(extra)}"] if extra else []
    notes += [f"columns not in this file, left empty: {', '.join(missing)}"] if missing else []
    return Layout(dialect, columns, tuple(notes))


def layout_by_position(dialect: str, fields: Sequence[str | None], *, left_out: Sequence[str] = ()) -> Layout:
    """Positions in the order in which the platform writes the columns, for headers in other languages.

    Args:
        left_out: fields whose place in this version is not certain.
    """
    columns = {field: position for position, field in enumerate(fields) if field}
    notes = ["the column names are not English: columns were taken by their position"]
    notes += [f"columns whose place is not certain, left empty: {', '.join(left_out)}"] if left_out else []
    return Layout(dialect, columns, tuple(notes))


def sheet_or_none(file: InputFile) -> Sheet | None:
    """The file as a table, or None where it is none; another source may know it."""
    try:
        return None if file.is_zip else file.sheet
    except TweetbenchError:
        return None


def most_rows_fit(sheet: Sheet, checks: Mapping[int, Callable[[str], bool]]) -> bool:
    """True if more than half of the first rows pass the check of each position."""
    sample = sheet.records[:SAMPLE_ROWS]
    fitting = sum(all(check(record.cells[position]) for position, check in checks.items()) for record in sample)
    return fitting * 2 > len(sample)


def is_count(cell: str) -> bool:
    """True for a whole number or a mark for "not reported"."""
    try:
        parse_count(cell)
    except ValueError:
        return False
    return True


def read_counts(sheet: Sheet, layout: Layout, record: Record) -> dict[str, int | None]:
    """Counts of a row by lake column.

    Raises:
        UnusableRowError: a cell is no count.
    """
    counts = {}
    for field, position in layout.columns.items():
        if field.endswith("_count"):
            try:
                counts[field] = parse_count(record.cells[position], decimal_comma=sheet.uses_decimal_comma)
            except ValueError as error:
                raise UnusableRowError("not_a_count", f"column {sheet.header[position]!r}: {error}") from error
    return counts


def read_day(cell: str, parse: Callable[[str], Moment], now: datetime) -> Moment | None:
    """The day or time in a cell, or None where it is empty or a spreadsheet program has rewritten it.

    Raises:
        UnusableRowError: no date, or one before the first post ever or after tomorrow.
    """
    if not cell.strip() or is_rewritten_date(cell):
        return None
    try:
        moment = parse(cell)
    except ValueError as error:
        raise UnusableRowError("impossible_date", str(error)) from error
    day = moment.date() if isinstance(moment, datetime) else moment
    if not FIRST_DAY <= day <= now.date() + timedelta(days=1):
        raise UnusableRowError("impossible_date", f"{cell} is before the first post ever or in the future")
    return moment
