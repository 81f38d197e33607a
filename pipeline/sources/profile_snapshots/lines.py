"""The lines of a profile table as snapshots, and what they mean to each other: order of dates, missing levels.

Single cells belong to `rows`, totals to `summaries`, which lines are the same snapshot to `profile_snapshots`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.sources.files.cells import counted
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.profile_columns import COUNTS
from pipeline.sources.files.tabular import Record
from pipeline.sources.lake_source import Row
from pipeline.sources.profile_snapshots.date_order import find_out_of_order
from pipeline.sources.profile_snapshots.rows import (
    Account,
    RowError,
    Table,
    make_row,
    parse_count_cell,
    read_account,
    read_captured_at,
    read_profile,
)
from pipeline.sources.profile_snapshots.summaries import adds_up, set_totals_aside
from pipeline.sources.profile_snapshots.totals import is_summary_word

LISTED_DATES = 60


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A row of `accounts` with the line it comes from."""

    line: int
    account: Account
    row: Row


@dataclass(frozen=True, slots=True)
class _Dated:
    """A line with its date; the account is None in a wide table, where each column is one."""

    record: Record
    captured_at: datetime
    account: Account | None


def read_lines(table: Table, issues: IssueList) -> list[Snapshot]:
    """The snapshots of a table in the order of its lines; what is none of them becomes an issue."""
    totals = set_totals_aside(table, issues)
    records = [record for record in table.sheet.records if record.line not in totals]
    dated = _in_order(table, list(_date_lines(table, records, issues)), issues)
    return _from_wide(table, dated, issues) if table.layout.is_wide else _from_long(table, dated, issues)


def shown_time(moment: datetime) -> str:
    """A time for people: the bare date where it is a midnight."""
    return moment.strftime("%Y-%m-%d") if moment.time() == datetime.min.time() else moment.isoformat()


def _date_lines(table: Table, records: Iterable[Record], issues: IssueList) -> Iterator[_Dated]:
    """Lines whose account and date can be read."""
    for record in records:
        try:
            account = None if table.layout.is_wide else read_account(table, record)
            platform = account.platform if account else table.layout.platform
            yield _Dated(record, read_captured_at(table, record, platform), account)
        except RowError as error:
            original = table.original(record)
            issues.add(f"line {record.line}", error.problem, str(error), error.next_step, original, column=error.column)


def _in_order(table: Table, dated: list[_Dated], issues: IssueList) -> list[_Dated]:
    """The lines without those whose date breaks the order in which their account's lines stand."""
    if "captured_at" not in table.layout.columns:
        return dated
    by_account: dict[tuple[str, str] | None, list[_Dated]] = defaultdict(list)
    for line in dated:
        by_account[line.account.key if line.account else None].append(line)
    broken: set[int] = set()
    for lines in by_account.values():
        moments = [line.captured_at for line in lines]
        for position in find_out_of_order(moments):
            line = lines[position]
            broken.add(line.record.line)
            before = f"after {shown_time(moments[position - 1])}" if position else ""
            after = f"before {shown_time(moments[position + 1])}" if position + 1 < len(moments) else ""
            issues.add(
                f"line {line.record.line}",
                "date_out_of_order",
                f"{shown_time(line.captured_at)} stands {' and '.join(filter(None, [before, after]))}, while the other "
                "dates are in order; it looks mistyped, and the line is not used",
                "correct the date, or sort the file by date if it is right; then ingest the file again",
                table.original(line.record),
            )
    return [line for line in dated if line.record.line not in broken]


def _from_long(table: Table, dated: list[_Dated], issues: IssueList) -> list[Snapshot]:
    found, without_level = [], []
    unreadable: dict[str, list[tuple[str, str]]] = defaultdict(list)
    read_counts: Counter[str] = Counter()
    for line in dated:
        place, account, original = f"line {line.record.line}", line.account, table.original(line.record)
        try:
            profile = read_profile(table, line.record)
        except RowError as error:
            issues.add(place, error.problem, str(error), error.next_step, original, column=error.column)
            continue
        if profile is None or account is None:
            without_level.append(line)
            continue
        for column, cell in profile.unreadable.items():
            unreadable[column].append(cell)
        read_counts.update(name for name in COUNTS if profile.values.get(name) is not None)
        if account.damage:
            remedy = "correct the cell (ids as text); the line is used without it, as long as id or handle is good"
            issues.add(place, "bad_handle" if account.account_id else "damaged_id", account.damage, remedy, original)
        row = make_row(account, line.captured_at, profile.values, original)
        found.append(Snapshot(line.record.line, account, row))
    of_counts = {table.column(name): name for name in COUNTS if name in table.layout.columns}
    for column, cells in unreadable.items():
        _report_unreadable(column, cells, column in of_counts and not read_counts[of_counts[column]], issues)
    if without_level:
        _report_missing(without_level, issues)
    return found


def _report_unreadable(column: str, cells: Sequence[tuple[str, str]], holds_no_count: bool, issues: IssueList) -> None:
    """One issue for all cells of a lesser column that were left empty."""
    cell, reason = cells[0]
    if holds_no_count:
        shown = counted(len(cells), "cell")
        detail = f"the column {column!r} holds no counts ({shown}, the first: {reason}); it is left aside"
        issues.add("", "column_left_aside", detail, "nothing to do: the snapshots are used without that column")
        return
    shown = counted(len(cells), "cell")
    detail = f"column {column!r}: {shown} without a value that can be read, left empty, the first: {reason}"
    if cell not in reason:
        detail += f" ({cell!r})"
    issues.add("", "unreadable_cells", detail, "correct the cells, or leave it: the follower counts are not affected")


def _report_missing(lines: Sequence[_Dated], issues: IssueList) -> None:
    """One issue for all lines without a follower count: they are gaps, not zeros."""
    days = [shown_time(line.captured_at) for line in lines]
    shown = ", ".join(days[:LISTED_DATES]) + (f" and {len(days) - LISTED_DATES} more" if days[LISTED_DATES:] else "")
    issues.add(
        "",
        "no_follower_count",
        f"{counted(len(lines), 'line')} without a follower count, which make no snapshot: {shown}",
        "nothing to do: the level of a past day cannot be captured later; it is shown as a gap",
        {"line_count": len(lines), "lines": [line.record.line for line in lines]},
    )


def _from_wide(table: Table, dated: list[_Dated], issues: IssueList) -> list[Snapshot]:
    found, layout = [], table.layout
    for position, name in layout.account_columns.items():
        column = table.sheet.header[position]
        try:
            account = Account(layout.platform, None, normalise_handle(name, layout.platform))
        except ValueError as error:
            issues.add(f"column {column!r}", "unknown_column", str(error), f"add it: accounts: {{{column}: HANDLE}}")
            continue
        if is_summary_word(column) and adds_up(table, position):
            detail = f"the column {column!r} adds up the others and is no account"
            issues.add(f"column {column!r}", "summary_column", detail, "nothing to do: the other columns are used")
            continue
        for line in dated:
            cell = line.record.cells[position]
            try:
                count = parse_count_cell(table, position, cell)
            except RowError as error:
                place, number = f"line {line.record.line}, column {column!r}", line.record.line
                original = {column: cell}
                issues.add(
                    place, error.problem, str(error), error.next_step, original, line=number, column=error.column
                )
                continue
            if count is not None:
                row = make_row(account, line.captured_at, {layout.value: count, "status": "active"}, {column: cell})
                found.append(Snapshot(line.record.line, account, row))
    return found
