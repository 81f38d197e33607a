"""Follower lists of an own account, as a person exported them: keyed hashes of handles, to match consenting contacts.

Whole lists of followers are never bought from the platform (they cost more than they tell); a list that lies at hand
can be dropped here. Profiles and counts belong to `profile_snapshots`.
"""

from collections.abc import Iterable

from pipeline.errors import TweetbenchError
from pipeline.sources.contacts import hash_handle
from pipeline.sources.contacts.mapping import FollowerMapping
from pipeline.sources.files.cells import counted
from pipeline.sources.files.claims import Claim, has_claims
from pipeline.sources.files.column_mappings import choose, claims_of, positions
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.mapping_errors import parse
from pipeline.sources.files.personal_data import PRIVATE
from pipeline.sources.files.profile_columns import OTHER_TABLES, column_key
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.repeated_headers import without_repeated_headers
from pipeline.sources.files.tabular import Sheet

NAME = "followers"
DESCRIPTION = "Follower list of an own account, with a mapping of kind followers in mappings/<id>.yml"
TABLES: tuple[str, ...] = ("followers", "issues")
FEWEST_DISTINCT = 0.9  # of the handles of a list; lists put together hold some twice


def recognises(file: InputFile, request: Request) -> bool:
    """True if a mapping of kind followers names the column of handles in this file."""
    return has_claims(claims, file, request)


def claims(file: InputFile, request: Request) -> list[Claim]:
    """The column of handles, for each mapping of kind followers that names it.

    Other tables have a column of handles too: without `file_name`, it has to be a list of followers.

    Raises:
        TweetbenchError: the file is no table.
    """
    found = claims_of(NAME, file, request)
    return [claim for claim, _ in found if claim.is_named or _is_list(file.sheet, claim.columns)]


def _is_list(sheet: Sheet, handle_columns: Iterable[int]) -> bool:
    """True if the rows are no posts, hold nothing private (followers are public), and name nearly each handle once."""
    if {column_key(name) for name in sheet.header} & OTHER_TABLES or any(map(PRIVATE.search, sheet.header)):
        return False
    handles = [cell for at in handle_columns for record in sheet.records if (cell := record.cells[at].strip())]
    return len(set(handles)) >= FEWEST_DISTINCT * len(handles)


def read(file: InputFile, request: Request) -> Reading:
    """Followers of one account, each once, with handles that cannot be one as a counted issue.

    Raises:
        TweetbenchError: the mapping does not fit, the account is not known, or no handle can be used.
    """
    sheet = file.sheet
    chosen = choose(NAME, file, request)
    mapping = parse(chosen, FollowerMapping)
    at = positions(mapping.columns, sheet.header, chosen)["handle"]
    account = _account(mapping, request, chosen.place("account"))
    issues = IssueList(file.shown_name, request)
    for row in sheet.set_aside:
        issues.add(f"line {row.line}", row.problem, row.detail, "look for a stray separator on that line")
    found: dict[str, None] = {}
    bad = empty = 0
    for record in without_repeated_headers(sheet, issues).records:
        cell = record.cells[at].strip()
        if not cell:
            empty += 1
            continue
        try:
            found[hash_handle(cell, mapping.platform, request)] = None
        except ValueError:
            bad += 1
    if bad:
        detail = f"{counted(bad, 'cell')} that cannot be a handle; left out"
        issues.add("", "bad_handle", detail, "correct the cells, then ingest the list again")
    if empty:
        issues.add("", "no_handle", f"{counted(empty, 'row')} without a handle; left out", "complete the rows, if any")
    if not found:
        raise issues.nothing_usable(
            "no follower in the list can be used" if sheet.records else "the file has a header and no lines"
        )
    same = {"platform": mapping.platform, "captured_at": request.captured_at or request.now, "payload": None}
    return Reading(
        tables={
            "followers": [{**same, "account_id": None, "handle": account, "follower_hash": key} for key in found],
            "issues": issues.rows,
        },
        dialect=sheet.form,
        row_count=len(sheet.records) + len(sheet.set_aside),
        account=account,
        notes=(f"{counted(len(found), 'follower')}; handles are stored as keyed hashes only",),
        options={"mapping": mapping.digest("file_name"), "account": account},
    )


def _account(mapping: FollowerMapping, request: Request, where: str) -> str:
    """The own account: named in the mapping, by --account, or the only one that the registry marks as own."""
    named = mapping.account or request.account
    if named is None and len(own := request.own_on(mapping.platform)) == 1:
        (named,) = own
    if named is None:
        raise TweetbenchError(
            "nothing says whose followers these are",
            where=where,
            next_step="write account: HANDLE in the mapping, or run: tweetbench ingest FILE --account HANDLE",
        )
    try:
        return normalise_handle(named, mapping.platform).casefold()
    except ValueError as error:
        raise TweetbenchError("the account is not a handle", where=where, why=str(error)) from error
