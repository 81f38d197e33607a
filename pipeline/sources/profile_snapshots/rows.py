"""Cells of a profile table to rows of `accounts`: whose, when, how many. A cell that cannot be used is named.

What rows mean to each other (order, duplicates, summaries) belongs to `profile_snapshots`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.sources.files.cell_values import parse_id
from pipeline.sources.files.cells import DateOrder, fold, infer_date_order
from pipeline.sources.files.flags import parse_yes_no
from pipeline.sources.files.handles import normalise_handle, normalise_platform
from pipeline.sources.files.profile_columns import COUNTS, Layout
from pipeline.sources.files.tabular import Record, Sheet
from pipeline.sources.files.yes_no import YES
from pipeline.sources.lake_source import Row, as_payload
from pipeline.sources.profile_snapshots.counts import CountColumn, count_columns, count_remedy
from pipeline.sources.profile_snapshots.moments import is_period, parse_moment

STATUSES = {"active", "protected", "suspended", "not_found", "deactivated", "withheld", "moved", "unknown"}
# With one of these the platform shows no counts: the status itself is what was observed.
STATUSES_WITHOUT_COUNTS = {"suspended", "not_found", "deactivated", "withheld", "moved"}
X_STARTED_AT = datetime(2006, 3, 21, tzinfo=UTC)
# Exact spellings only: `Na` and `None` in other cases may be names.
_MISSING = {"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"}
# A spreadsheet program keeps this many digits of a number and fills up with zeros.
_KEPT_DIGITS = 15
_COUNTRY = re.compile(r"\b[A-Z]{2}\b")
_TEXTS = ("name", "description", "location", "url", "verified_type")


class RowError(ValueError):
    """A row that cannot be used; `problem` is its short name, `next_step` the remedy, `column` the bad cell's."""

    def __init__(self, problem: str, detail: str, next_step: str, column: str = "") -> None:
        super().__init__(detail)
        self.problem = problem
        self.next_step = next_step
        self.column = column


@dataclass(frozen=True)
class Table:
    """A sheet with the layout that says how to read it; `now` bounds the dates."""

    sheet: Sheet
    layout: Layout
    now: datetime
    counts: Mapping[int, CountColumn] = field(default_factory=dict)  # position -> how its cells are written
    date_order: DateOrder | None = None  # which of day and month comes first in the column of dates
    has_rounded_ids: bool = False  # all long ids end in zeros: a spreadsheet program kept 15 digits of each

    def cell(self, record: Record, field_name: str) -> str:
        """The cell of a field; empty where there is no such column or the cell says that nothing is known."""
        position = self.layout.columns.get(field_name)
        text = "" if position is None else record.cells[position].strip()
        return "" if text in _MISSING else text

    def column(self, field_name: str) -> str:
        """Name of the column that holds a field."""
        return self.sheet.header[self.layout.columns[field_name]]

    def original(self, record: Record) -> Mapping[str, str]:
        """The record by column name."""
        return dict(zip(self.sheet.header, record.cells, strict=True))


def open_table(sheet: Sheet, layout: Layout, now: datetime) -> Table:
    """A table with what its columns say as a whole: their decimal marks, and whether the ids are rounded."""
    positions = [layout.columns[name] for name in COUNTS if name in layout.columns]
    counts = count_columns(sheet, layout.account_columns or positions)
    position = layout.columns.get("account_id")
    ids = [] if position is None else [record.cells[position].strip() for record in sheet.records]
    tails = [cell[_KEPT_DIGITS:] for cell in ids if cell.isdecimal() and len(cell) > _KEPT_DIGITS]
    has_rounded_ids = len("".join(tails)) >= 4 and not "".join(tails).strip("0")  # by chance once in 10,000 ids
    position = layout.columns.get("captured_at")
    order = None if position is None else infer_date_order({record.cells[position] for record in sheet.records})
    return Table(sheet, layout, now, counts, order, has_rounded_ids)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose profile a row shows; `damage` says what is wrong with an id that had to be left out."""

    platform: str
    account_id: str | None
    handle: str | None
    damage: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the account within a file: its id, else its handle in any case."""
        return self.platform, self.account_id or (self.handle or "").casefold()


@dataclass(frozen=True, slots=True)
class Profile:
    """The values of one snapshot, and the cells of lesser columns that could not be read."""

    values: Mapping[str, Any]
    unreadable: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column name -> cell, what is wrong


def read_account(table: Table, record: Record) -> Account:
    """Whose row this is, from its id, its handle, or the mapping.

    Raises:
        RowError: neither a good id nor a good handle.
    """
    layout, damage = table.layout, None
    id_cell, handle_cell = table.cell(record, "account_id"), table.cell(record, "handle")
    try:
        platform = normalise_platform(table.cell(record, "platform")) if "platform" in layout.columns else ""
    except ValueError as error:
        raise RowError("unknown_platform", str(error), "nothing to do, unless the word is mistyped") from error
    platform = platform or layout.platform
    if platform != layout.platform and (layout.handle or layout.account_id) and not (id_cell or handle_cell):
        detail = f"the line is about {platform}, and the account that was named is one on {layout.platform}"
        raise RowError("other_platform", detail, "ingest the lines of each platform as a file of their own")
    account_id, handle = layout.account_id, layout.handle
    if id_cell:
        try:
            account_id = _parse_account_id(table, id_cell) if platform == "x" else id_cell
        except ValueError as error:
            damage = str(error)
    try:
        handle = normalise_handle(handle_cell, platform) if handle_cell else handle
    except ValueError as error:
        handle, damage = None, "; ".join(filter(None, [damage, str(error)]))
    if account_id is None and handle is None:
        raise RowError("no_account", damage or "the line names neither an id nor a handle", _REPAIR["no_account"])
    return Account(platform, account_id, handle, damage)


def _parse_account_id(table: Table, cell: str) -> str:
    account_id = parse_id(cell)
    if table.has_rounded_ids and len(account_id) > _KEPT_DIGITS:
        raise ValueError(f"{account_id} is an id that a spreadsheet program has rounded, as all long ids of this file")
    return account_id


def read_captured_at(table: Table, record: Record, platform: str) -> datetime:
    """UTC time at which the profile looked like this; a bare date counts as its midnight.

    Raises:
        RowError: no date, an ambiguous or impossible one.
    """
    if "captured_at" not in table.layout.columns and table.layout.captured_at is not None:
        return table.layout.captured_at
    cell = table.cell(record, "captured_at")
    if not cell:
        raise RowError("no_captured_date", "the line has no date", "fill in the date of that line")
    try:
        moment = parse_moment(cell, table.layout.date_format, table.date_order)
    except ValueError as error:
        remedy = _REPAIR["not_a_day" if is_period(cell) else "unreadable_date"]
        raise RowError("unreadable_date", str(error), remedy) from error
    if moment > table.now + timedelta(days=1):
        raise RowError("impossible_date", f"{cell} is in the future", _REPAIR["impossible_date"])
    if platform == "x" and moment < X_STARTED_AT:
        raise RowError("impossible_date", f"{cell} is before the platform existed", _REPAIR["impossible_date"])
    return moment


def read_profile(table: Table, record: Record) -> Profile | None:
    """The snapshot of one line, or None where it has neither a follower count nor a status that explains that.

    A cell of another column that cannot be read is left empty.

    Raises:
        RowError: the follower count is no count.
    """
    unreadable: dict[str, tuple[str, str]] = {}

    def read(name: str, parse: Callable[[str], Any]) -> Any:
        cell = table.cell(record, name)
        try:
            return parse(cell) if cell else None
        except ValueError as error:
            unreadable[table.column(name)] = (cell, str(error))
            return None

    columns = table.layout.columns
    counts: dict[str, int | None] = {}
    for name in COUNTS:
        if name == "follower_count" and name in columns:
            counts[name] = parse_count_cell(table, columns[name], table.cell(record, name))
        elif name in columns:
            counts[name] = read(name, table.counts[columns[name]].read)
    stated = read("status", _parse_status)
    if counts.get("follower_count") is None and stated not in STATUSES_WITHOUT_COUNTS:
        return None
    is_protected, countries = read("is_protected", parse_yes_no), _COUNTRY.findall(table.cell(record, "withheld"))
    is_withheld = bool(countries) or fold(table.cell(record, "withheld")) in YES
    status = stated or ("protected" if is_protected else "withheld" if is_withheld else "active")
    values = {
        **{name: table.cell(record, name) or None for name in _TEXTS},
        "created_at": read("created_at", parse_moment),
        "is_verified": read("is_verified", parse_yes_no),
        "is_protected": is_protected,
        "status": status,
        "withheld_countries": countries or None,
        **counts,
    }
    return Profile(values, unreadable)


def parse_count_cell(table: Table, position: int, cell: str) -> int | None:
    """The count in one cell, in the number format of its column; None where it was not reported.

    Raises:
        RowError: the cell is rounded, negative, no whole number, or to be read in two ways.
    """
    column = table.sheet.header[position]
    try:
        return table.counts[position].read(cell)
    except ValueError as error:
        raise RowError("not_a_count", f"column {column!r}: {error}", count_remedy(str(error)), column) from error


def make_row(account: Account, captured_at: datetime, values: Mapping[str, Any], original: object) -> Row:
    """A row of the `accounts` lake table."""
    return {
        "platform": account.platform,
        "account_id": account.account_id,
        "handle": account.handle,
        "captured_at": captured_at,
        **values,
        "payload": as_payload(original),
    }


def _parse_status(cell: str) -> str:
    status = cell.casefold().replace(" ", "_")
    if status not in STATUSES:
        raise ValueError(f"{cell!r} is not a status")
    return status


_REPAIR = {
    "no_account": "give that line its id (as text: spreadsheet programs round ids) or its handle (1 to 15 characters)",
    "unreadable_date": "write the date as YYYY-MM-DD, or name its form in a mapping: date_format: '%d/%m/%Y'",
    "impossible_date": "correct the date in that line, then ingest the file again",
    "not_a_day": "name the day on which the followers were counted, as YYYY-MM-DD: a level belongs to a day",
}
