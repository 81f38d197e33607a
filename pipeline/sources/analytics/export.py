"""What every analytics export needs besides its columns: bad rows, account, period, and the frame of its rows.

Exact copies and contradictions among rows belong to `posts` and `days`.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import PurePath
from typing import Protocol, TypeVar

from pipeline.errors import TweetbenchError
from pipeline.runtime.progress import counted_off
from pipeline.schemas.row_streams import Rows
from pipeline.sources.analytics.cells import UnusableRowError
from pipeline.sources.analytics.exports import KEYS
from pipeline.sources.analytics.layout import Layout
from pipeline.sources.files.ownership import export_account
from pipeline.sources.files.personal_data import find_kind
from pipeline.sources.files.protocol import InputFile, Reading, Request, issue_row
from pipeline.sources.files.records import column_of
from pipeline.sources.files.repeated_headers import header_finder
from pipeline.sources.files.table_header import is_total_row
from pipeline.sources.files.tabular import Record, Sheet
from pipeline.sources.lake_source import Row, as_payload


class HasRecord(Protocol):
    """A parsed row that knows where it comes from."""

    @property
    def record(self) -> Record: ...


Parsed = TypeVar("Parsed")
Numbered = TypeVar("Numbered", bound=HasRecord)

AGAIN = "export the period from X again and ingest that file unopened: a spreadsheet program changes ids and dates"
NEXT_STEPS = {
    "missing_post_id": "nothing to do: X writes such rows for posts that it could not load",
    "other_account": "ingest the export of that account by itself, with --account",
    "repeated_post": "nothing to do; if the file was put together by hand, ingest the exports one by one instead",
    "contradicting_day": "ingest the exports from which the file was put together one by one, unopened",
    "header_row": "nothing to do; files put together by hand have such rows",
    "total_row": "nothing to do; such rows add up the others",
    "other_table": "save the table that begins there as a file of its own, then run: tweetbench ingest FILE",
    "ragged_row": "nothing to do for a note or another table below; otherwise look at that line in a text editor for a "
    "stray quotation mark or delimiter",
}
# What helps where no row at all can be used; for a single row nothing needs to be done.
REMEDIES = {
    **{problem: step for problem, step in NEXT_STEPS.items() if not step.startswith("nothing to do")},
    "missing_post_id": "export the period from X again: none of its rows names a post",
}
# Dates in the names that X gives to files. Of 72 monthly files of the former Twitter and 3 of X none has a row on the
# last date in its name (one was made the evening before): that date is taken as covered only if a row lies on it.
_NUMBER = re.compile(r"-?\d{0,9}[.,]?\d*%?")
_NAMED_DATES = re.compile(r"_(\d{4})-?(\d\d)-?(\d\d)_(\d{4})-?(\d\d)-?(\d\d)(?=[_. (]|$)")
_NAMED_HANDLE = re.compile(r"^(?:daily_)?tweet_activity_metrics_(?P<handle>\w{1,15})_\d{8}_\d{8}_", re.ASCII)
_X_NAME = re.compile(r"^(?:account_analytics_content_|(?:daily_)?tweet_activity_metrics_\w)", re.ASCII)


@dataclass(frozen=True)
class Rejected:
    """A row that was set aside, with the line on which it ends."""

    line: int
    problem: str
    detail: str
    cells: tuple[str, ...]


def split_rows(sheet: Sheet, read: Callable[[Record], Parsed]) -> tuple[list[Parsed], list[Rejected]]:
    """Rows that can be used, and those that cannot; together all data rows of the sheet."""
    usable: list[Parsed] = []
    rejected = [Rejected(row.line, row.problem, row.detail, row.cells) for row in sheet.set_aside]
    repeats, is_below = header_finder(sheet.header), False
    for record in counted_off(sheet.records, len(sheet.records), "looking at rows"):
        if (same := repeats(record.cells)) is not None:
            is_below = not same
            detail = "another table begins here" if is_below else "the column names are repeated here"
            rejected.append(reject(record, "other_table" if is_below else "header_row", detail))
            continue
        if is_below:
            rejected.append(reject(record, "other_table", "the row belongs to another table, which begins above it"))
            continue
        if is_total_row(record.cells):
            detail = f"{next(filter(None, map(str.strip, record.cells)))!r} adds up the other rows"
            rejected.append(reject(record, "total_row", detail))
            continue
        try:
            usable.append(read(record))
        except UnusableRowError as error:
            rejected.append(reject(record, error.problem, str(error)))
    return usable, rejected


def reject(record: Record, problem: str, detail: str) -> Rejected:
    """A row set aside after it was read."""
    return Rejected(record.line, problem, detail, record.cells)


def refuse_if_empty(usable: Collection[object], rejected: Sequence[Rejected], file: InputFile) -> None:
    """Let files pass of which something can be used.

    Raises:
        TweetbenchError: the file has no data rows, or none that can be used.
    """
    if usable:
        return
    if not rejected:
        raise TweetbenchError(
            "the file has a header and no rows",
            where=file.shown_name,
            why="nothing was posted or counted in the exported period, or the export failed",
            next_step="export a period with posts from X, then run: tweetbench ingest FILE",
        )
    problem, count = Counter(row.problem for row in rejected).most_common(1)[0]
    example = next(row for row in rejected if row.problem == problem)
    raise TweetbenchError(
        f"none of the {len(rejected):,} rows can be used",
        where=file.shown_name,
        why=f"{count:,} of them: {problem.replace('_', ' ')}, e.g. in line {example.line}: {example.detail}",
        next_step=f"{REMEDIES.get(problem, AGAIN)}; then run: tweetbench ingest FILE",
    )


def row_issues(rejected: Iterable[Rejected], file: InputFile, request: Request) -> list[Row]:
    """One issue for each row that was set aside, in the order of the file."""
    return [
        issue_row(
            f"{file.shown_name} line {row.line}",
            row.problem,
            detail=row.detail,
            next_step=NEXT_STEPS.get(row.problem, AGAIN),
            request=request,
            original=original_row(file.sheet, row.cells),
        )
        for row in sorted(rejected, key=lambda row: row.line)
    ]


def original_row(sheet: Sheet, cells: Sequence[str]) -> dict[str, str]:
    """A row as the file has it, by column name; columns without a name or with a used one get their number."""
    return dict(zip(_column_names(sheet.header, len(cells)), cells, strict=True))


@lru_cache(maxsize=8)  # all whole rows of a file have the same
def _column_names(header: tuple[str, ...], count: int) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for number in range(1, count + 1):
        name = header[number - 1] if number <= len(header) else ""
        names[name if name and name not in names else f"{name} (column {number})".strip()] = None
    return tuple(names)


def find_account(handles: Iterable[str], file: InputFile, request: Request) -> tuple[str, list[str]]:
    """Handle of the account that the export belongs to, and notes on where that is known from.

    Raises:
        TweetbenchError: see `export_account`.
    """
    match = _NAMED_HANDLE.match(PurePath(file.shown_name).name)
    hint = match["handle"] if match else None
    account, origin = export_account(handles, request, file_name=file.shown_name, name_hint=hint)
    notes = [f"account @{account}, {origin}"]
    if hint and hint.casefold() != account.casefold():
        notes.append(f"the file name says @{hint}")
    return account, notes


def find_period(days: Collection[date], file: InputFile) -> tuple[date, date]:
    """First and last day that the export covers: those in X's own file name if all rows lie inside, else the rows'."""
    first, last = min(days), max(days)
    name = PurePath(file.shown_name).name
    match = _NAMED_DATES.search(name) if _X_NAME.match(name) else None
    if match:
        numbers = [int(number) for number in match.groups()]
        try:
            start, end = date(*numbers[:3]), date(*numbers[3:])
        except ValueError:
            return first, last
        if start <= first and last <= end:
            return start, max(last, end - timedelta(days=1))
    return first, last


@dataclass(frozen=True)
class Frame:
    """What all rows of one export have in common."""

    file: InputFile
    account: str
    first: date
    last: date
    captured_at: datetime
    options: Mapping[str, str]

    def row(self, cells: Sequence[str], *, with_period: bool) -> Row:
        """The columns that every row of this export carries, and its original cells as payload."""
        row: Row = {"platform": "x", "captured_at": self.captured_at, "account_id": None, "handle": self.account}
        row["payload"] = as_payload(original_row(self.file.sheet, cells))
        period: Row = {"period_start_date": self.first, "period_end_date": self.last}
        return {**row, **period} if with_period else row

    def reading(self, tables: Mapping[str, Rows], layout: Layout, notes: Iterable[str]) -> Reading:
        """The rows with what is known about the file."""
        sheet = self.file.sheet
        encoding = [] if sheet.encoding.startswith("utf-8") else [f"read as {sheet.encoding}, not UTF-8"]
        return Reading(
            tables=tables,
            dialect=layout.dialect,
            row_count=len(sheet.records) + len(sheet.set_aside),
            account=self.account,
            period_start=self.first,
            period_end=self.last,
            notes=(*notes, *layout.notes, *encoding),
            options=self.options,
            checked_columns=frozenset(_with_personal_data(sheet, {layout.columns.get(field) for field in KEYS})),
        )


def _with_personal_data(sheet: Sheet, left_out: Collection[int | None]) -> Iterator[str]:
    """Names of the columns in which some cell seems personal: people add columns to exports, and write into cells."""
    for position, name in enumerate(sheet.header):
        cells = () if position in left_out else set(column_of(sheet.records, position))
        if any(not _NUMBER.fullmatch(cell) and find_kind(cell) for cell in cells):
            yield name


def make_frame(
    file: InputFile, request: Request, account: str, days: Collection[date], moments: Iterable[datetime] = ()
) -> Frame:
    """Period, time of capture and options of an export with rows of these days and posts of these times.

    The time of capture is the UTC midnight after the period, or the next one where a post of the last day, west of
    Greenwich, is later. It depends on the file alone, unless the user named the day of the export.
    """
    first, last = find_period(days, file)
    midnight = datetime.combine(last + timedelta(days=1), time(), UTC)
    next_midnight = midnight + timedelta(days=1)
    is_late = any(midnight <= moment < next_midnight for moment in moments)
    options = {"account": account.casefold()}
    if request.captured_at:
        options["captured_at"] = request.captured_at.isoformat()
    return Frame(file, account, first, last, request.captured_at or (next_midnight if is_late else midnight), options)


def without_copies(
    keyed: Iterable[tuple[Hashable, Numbered]],
) -> tuple[list[list[Numbered]], list[str]]:
    """Rows grouped by key without exact copies, and a note on how many copies were passed over."""
    groups: dict[Hashable, dict[tuple[str, ...], Numbered]] = {}
    copy_count = 0
    for key, row in keyed:
        versions = groups.setdefault(key, {})
        copy_count += row.record.cells in versions
        versions.setdefault(row.record.cells, row)
    notes = [f"{copy_count:,} exact copies of rows were passed over"] if copy_count else []
    return [list(versions.values()) for versions in groups.values()], notes
