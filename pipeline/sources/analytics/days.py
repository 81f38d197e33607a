"""Exports with one row per day: to rows of account_daily.

Which column holds what comes in as a `Layout`; rows of posts belong to `posts`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.sources.analytics.cells import DateOrder, UnusableRowError, read_day, read_rewritten, rewritten_order
from pipeline.sources.analytics.counts import CountReader, Counts, count_issues, count_reader, refuse_if_implausible
from pipeline.sources.analytics.export import (
    Rejected,
    find_account,
    make_frame,
    refuse_if_empty,
    reject,
    row_issues,
    split_rows,
    without_copies,
)
from pipeline.sources.analytics.layout import Layout
from pipeline.sources.analytics.printed_days import parse_printed_day
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.tabular import Record


@dataclass(frozen=True)
class DayRow:
    """One usable row of an export by day."""

    record: Record
    day: date
    counts: Counts


def read_days(file: InputFile, request: Request, layout: Layout) -> Reading:
    """Rows of account_daily and issues from an export with one row per day.

    Raises:
        TweetbenchError: no row can be used, nothing tells whose file it is, or its columns are not where they belong.
    """
    sheet = file.sheet
    reader = count_reader(sheet, layout)
    refuse_if_implausible(file, layout, reader)
    proven = rewritten_order((layout.cell(record, "day") for record in sheet.records), are_consecutive=True)
    order = proven[0] if proven else None
    rows, rejected = split_rows(sheet, lambda record: _read_day(layout, reader, record, request.now, order))
    rows, contradicting, copy_notes = _without_contradicting_days(rows)
    rejected += contradicting
    refuse_if_empty(rows, rejected, file)
    account, notes = find_account([], file, request)
    frame = make_frame(file, request, account, [row.day for row in rows])
    daily = [{**frame.row(row.record.cells, with_period=True), "date": row.day, **row.counts.values} for row in rows]
    day_count = (frame.last - frame.first).days + 1
    if day_count > len(rows):
        notes.append(f"{day_count - len(rows)} of the {day_count} days from {frame.first} to {frame.last} have no row")
    if proven:
        notes.append(f"a spreadsheet program has rewritten the days: read as {proven[0]}, {proven[1]}")
    issues = row_issues(rejected, file, request) + count_issues(
        [row.counts.check() for row in rows], layout, file, request
    )
    tables = {"account_daily": daily, "issues": issues}
    return frame.reading(tables, layout, [*notes, *copy_notes])


def _read_day(layout: Layout, reader: CountReader, record: Record, now: datetime, order: DateOrder | None) -> DayRow:
    cell = layout.cell(record, "day")
    day = read_day(cell, parse_printed_day, now)
    if day is None and cell.strip() and order:
        day = read_day(read_rewritten(cell, order).isoformat(), parse_printed_day, now)
    if day is None:
        detail = f"{cell} can be read as day/month or month/day" if cell.strip() else "the row has no day"
        raise UnusableRowError("rewritten_date" if cell.strip() else "missing_date", detail)
    return DayRow(record, day, reader.read(record))


def _without_contradicting_days(rows: list[DayRow]) -> tuple[list[DayRow], list[Rejected], list[str]]:
    """One row per day, the rows set aside, and a note on exact copies.

    An export never repeats a day. Days that differ are all set aside: they may be parts of the day, other days whose
    dates were changed, or two exports in one file, and nothing tells which.
    """
    kept, rejected = [], []
    groups, notes = without_copies((row.day, row) for row in rows)
    for versions in groups:
        detail = (
            f"{versions[0].day} is there {len(versions)} times with other figures, and nothing tells which is right"
        )
        rejected += [reject(row.record, "contradicting_day", detail) for row in versions if len(versions) > 1]
        kept += versions if len(versions) == 1 else []
    return kept, rejected, notes
