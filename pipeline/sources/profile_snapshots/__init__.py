"""Profile tables from people and tools to account snapshots: a line per account and day, or days by accounts.

Column names belong to `profile_columns`, mappings to `mapping`, lines to `lines`,
which of them are the same snapshot to `repetitions`, single cells to `rows`.
"""

from collections.abc import Container, Sequence

from pipeline.sources.files.cells import counted
from pipeline.sources.files.claims import Claim, has_claims
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.other_exports import other_export
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.profile_columns import find_in_table, is_snapshot_table
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.repeated_headers import without_repeated_headers
from pipeline.sources.profile_snapshots.fit import claims_of_mappings
from pipeline.sources.profile_snapshots.layout import find_layout
from pipeline.sources.profile_snapshots.lines import read_lines
from pipeline.sources.profile_snapshots.repetitions import once_each
from pipeline.sources.profile_snapshots.rows import open_table

NAME = "profile_snapshots"
DESCRIPTION = "Tables of profiles with their follower counts, with known column names or a mapping"
TABLES: tuple[str, ...] = ("accounts", "issues")
MOST_NAMED = 10


def recognises(file: InputFile, request: Request) -> bool:
    """True for a table with a follower column next to an id or handle, or one that a mapping fits."""
    return has_claims(claims, file, request)


def claims(file: InputFile, request: Request) -> list[Claim]:
    """What this reader explains of a table, by its column names and by each mapping that may be for it.

    Raises:
        TweetbenchError: the file is no table.
    """
    by_mapping = claims_of_mappings(file, request)
    is_known = is_snapshot_table(
        file.sheet, account_is_told=request.account is not None, day_is_told=request.captured_at is not None
    )
    if not is_known or other_export(file.sheet.header):
        return [each.claim for each in by_mapping]
    by_names = Claim(NAME, frozenset(find_in_table(file.sheet).values()))
    return [by_names, *(each.claim for each in by_mapping if not each.other)]


def read(file: InputFile, request: Request) -> Reading:
    """Account snapshots of one table, and what of it could not be used.

    Raises:
        TweetbenchError: the layout is unclear (see `layout`), one account would get the counts of several, or no line
            of the file can be used.
    """
    sheet = file.sheet
    layout = find_layout(file, request)
    issues = IssueList(file.shown_name, request)
    table = open_table(without_repeated_headers(sheet, issues), layout, request.now)
    for row in sheet.set_aside:
        remedy = "look at that line for a stray quotation mark"
        issues.add(f"line {row.line}", row.problem, row.detail, remedy, row.cells)
    found = read_lines(table, issues)
    snapshots, duplicate_count = once_each(found, layout, issues)
    if not snapshots:
        raise issues.nothing_usable("no line can be used" if sheet.records else "the file has a header and no lines")
    days = [snapshot.row["captured_at"].date() for snapshot in snapshots]
    accounts = {snapshot.account.key: snapshot.account for snapshot in snapshots}
    only = next(iter(accounts.values())) if len(accounts) == 1 else None
    notes = [f"{counted(len(snapshots), 'snapshot')} of {counted(len(accounts), 'account')}"]
    notes += [f"{duplicate_count} repeated lines were the same and count once"] if duplicate_count else []
    used = {*layout.columns.values(), *layout.account_columns}
    notes += _unread(sheet.header, used)
    rows = issues.rows
    missing = [row["detail"] for row in rows if row["problem"] == "no_follower_count"]
    return Reading(
        tables={"accounts": [snapshot.row for snapshot in snapshots], "issues": rows},
        dialect=layout.dialect,
        row_count=len(sheet.records) + len(sheet.set_aside),
        account=(only.handle or only.account_id) if only else None,
        period_start=min(days),
        period_end=max(days),
        notes=(*notes, *missing, *layout.notes),
        options=layout.options,
        public_columns=frozenset(sheet.header[at] for at in used),
    )


def _unread(header: Sequence[str], used: Container[int]) -> list[str]:
    """A note that names the columns that nobody reads: one of them may be a count under another name."""
    names = [mask(name) for position, name in enumerate(header) if name and position not in used]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return [f"columns not read: {', '.join(names[:MOST_NAMED])}{more}"] if names else []
