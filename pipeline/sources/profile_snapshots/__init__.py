"""Profile tables from people and tools to account snapshots: a line per account and day, or days by accounts.

Holds what lines mean to each other: dates that break the order, duplicates, lines without a level. Column names
belong to `columns`, mappings to `mapping`, single cells to `rows`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import TweetbenchError
from pipeline.sources.handles import normalise_handle
from pipeline.sources.issue_list import IssueList
from pipeline.sources.profile_snapshots.columns import is_snapshot_header
from pipeline.sources.profile_snapshots.date_order import find_out_of_order
from pipeline.sources.profile_snapshots.layout import find_layout
from pipeline.sources.profile_snapshots.mapping import mappings_that_fit
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
from pipeline.sources.protocol import InputFile, Reading, Request, Row
from pipeline.sources.tabular import Record

NAME = "profile_snapshots"
DESCRIPTION = "Tables of profiles with their follower counts, with known column names or a mapping"
TABLES: tuple[str, ...] = ("accounts", "issues")
LISTED_DATES = 60


@dataclass(frozen=True)
class _Dated:
    """A line with its date; the account is None in a wide table, where each column is one."""

    record: Record
    captured_at: datetime
    account: Account | None


@dataclass(frozen=True)
class _Snapshot:
    """A row of `accounts` with the line it comes from."""

    line: int
    account: Account
    row: Row


def recognises(file: InputFile, request: Request) -> bool:
    """True for a table with a follower column beside an id or handle, or one that a mapping fits."""
    if file.is_zip:
        return False
    try:
        header = file.sheet.header
    except TweetbenchError:
        return False
    return is_snapshot_header(header) or bool(mappings_that_fit(header, request))


def read(file: InputFile, request: Request) -> Reading:
    """Account snapshots of one table, and what of it could not be used.

    Raises:
        TweetbenchError: the layout is unclear (see `layout`), or no line of the file can be used.
    """
    sheet = file.sheet
    layout = find_layout(sheet.header, request, file.shown_name)
    table, issues = Table(sheet, layout, request.now), IssueList(file.shown_name, request)
    for row in sheet.set_aside:
        issues.add(
            f"line {row.line}", row.problem, row.detail, "look at that line for a stray quotation mark", row.cells
        )
    dated = _in_order(table, list(_date_lines(table, issues)), issues)
    found = _from_wide(table, dated, issues) if layout.is_wide else _from_long(table, dated, issues)
    snapshots, duplicate_count = _once_each(found, issues)
    if not snapshots:
        raise issues.nothing_usable("no line can be used" if sheet.records else "the file has a header and no lines")
    days = [snapshot.row["captured_at"].date() for snapshot in snapshots]
    accounts = {snapshot.account.key: snapshot.account for snapshot in snapshots}
    only = next(iter(accounts.values())) if len(accounts) == 1 else None
    notes = [f"{len(snapshots)} snapshots of {len(accounts)} accounts"]
    notes += [f"{duplicate_count} repeated lines were the same and count once"] if duplicate_count else []
    missing = [row["detail"] for row in issues.rows if row["problem"] == "no_follower_count"]
    return Reading(
        tables={"accounts": [snapshot.row for snapshot in snapshots], "issues": issues.rows},
        dialect=layout.dialect,
        row_count=len(sheet.records) + len(sheet.set_aside),
        account=(only.handle or only.account_id) if only else None,
        period_start=min(days),
        period_end=max(days),
        notes=(*notes, *missing),
        options=layout.options,
    )


def _date_lines(table: Table, issues: IssueList) -> Iterable[_Dated]:
    """Lines whose account and date can be read."""
    for record in table.sheet.records:
        try:
            account = None if table.layout.is_wide else read_account(table, record)
            platform = account.platform if account else table.layout.platform
            yield _Dated(record, read_captured_at(table, record, platform), account)
        except RowError as error:
            original = table.original(record)
            issues.add(f"line {record.line}", error.problem, str(error), error.next_step, original)


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
            before = f"after {_shown(moments[position - 1])}" if position else ""
            after = f"before {_shown(moments[position + 1])}" if position + 1 < len(moments) else ""
            issues.add(
                f"line {line.record.line}",
                "date_out_of_order",
                f"{_shown(line.captured_at)} stands {' and '.join(filter(None, [before, after]))}, while the other "
                "dates are in order; it looks mistyped, and the line is not used",
                "correct the date, or sort the file by date if it is right; then ingest the file again",
                table.original(line.record),
            )
    return [line for line in dated if line.record.line not in broken]


def _from_long(table: Table, dated: list[_Dated], issues: IssueList) -> list[_Snapshot]:
    found, without_level = [], []
    unreadable: dict[str, list[str]] = defaultdict(list)
    for line in dated:
        place, account = f"line {line.record.line}", line.account
        try:
            profile = read_profile(table, line.record)
        except RowError as error:
            issues.add(place, error.problem, str(error), error.next_step, table.original(line.record))
            continue
        if profile is None or account is None:
            without_level.append(line)
            continue
        for column, cell in profile.unreadable.items():
            unreadable[column].append(cell)
        if account.damage:
            remedy = "correct the cell (ids as text); the line is used without it, as long as id or handle is good"
            problem = "bad_handle" if account.account_id else "damaged_id"
            issues.add(place, problem, account.damage, remedy, table.original(line.record))
        row = make_row(account, line.captured_at, profile.values, table.original(line.record))
        found.append(_Snapshot(line.record.line, account, row))
    for column, cells in unreadable.items():
        detail = f"column {column!r}: {len(cells)} cells cannot be read and are left empty, the first is {cells[0]!r}"
        issues.add("", "unreadable_cells", detail, "correct the cells, or leave it: the counts are not affected")
    if without_level:
        _report_missing(without_level, issues)
    return found


def _report_missing(lines: Sequence[_Dated], issues: IssueList) -> None:
    """One issue for all lines without a follower count: they are gaps, not zeros."""
    days = [_shown(line.captured_at) for line in lines]
    shown = ", ".join(days[:LISTED_DATES]) + (f" and {len(days) - LISTED_DATES} more" if days[LISTED_DATES:] else "")
    issues.add(
        "",
        "no_follower_count",
        f"{len(lines)} lines have no follower count and are not snapshots: {shown}",
        "nothing to do: the level of a past day cannot be captured later; it is shown as a gap",
        {"lines": [line.record.line for line in lines]},
    )


def _from_wide(table: Table, dated: list[_Dated], issues: IssueList) -> list[_Snapshot]:
    found, layout = [], table.layout
    for position, name in layout.account_columns.items():
        column = table.sheet.header[position]
        try:
            account = Account(layout.platform, None, normalise_handle(name, layout.platform))
        except ValueError as error:
            issues.add(f"column {column!r}", "unknown_column", str(error), f"add it: accounts: {{{column}: HANDLE}}")
            continue
        for line in dated:
            place, cell = f"line {line.record.line}, column {column!r}", line.record.cells[position]
            try:
                count = parse_count_cell(table, column, cell)
            except RowError as error:
                issues.add(place, error.problem, str(error), error.next_step, {column: cell})
                continue
            if count is not None:
                row = make_row(account, line.captured_at, {layout.value: count, "status": "active"}, {column: cell})
                found.append(_Snapshot(line.record.line, account, row))
    return found


def _once_each(found: list[_Snapshot], issues: IssueList) -> tuple[list[_Snapshot], int]:
    """One snapshot per account and time, the last in the file; and how many identical repetitions there were."""
    kept: dict[tuple[tuple[str, str], datetime], _Snapshot] = {}
    identical = 0
    for snapshot in found:
        key = (snapshot.account.key, snapshot.row["captured_at"])
        earlier, kept[key] = kept.get(key), snapshot
        if earlier is None:
            continue
        differing = [name for name, value in snapshot.row.items() if name != "payload" and earlier.row[name] != value]
        if not differing:
            identical += 1
            continue
        changes = ", ".join(f"{name} {earlier.row[name]!r} there, {snapshot.row[name]!r} here" for name in differing)
        issues.add(
            f"line {earlier.line}",
            "contradicting_lines",
            f"line {snapshot.line} says otherwise about the same account and time and is used instead: {changes}",
            "keep the right one of the two lines, then ingest the file again",
            json.loads(earlier.row["payload"]),
        )
    return list(kept.values()), identical


def _shown(moment: datetime) -> str:
    """A time for people: the bare date where it is a midnight."""
    return moment.strftime("%Y-%m-%d") if moment.time() == datetime.min.time() else moment.isoformat()
