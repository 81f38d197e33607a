"""accounts.csv, the list of accounts to watch, to the registry table: who they are, in what segment, whose own.

Levels of followers belong to `profile_snapshots`; asking the platform whether an account exists belongs to its source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.sources.files.cell_values import parse_day, parse_id
from pipeline.sources.files.claims import Claim, has_claims
from pipeline.sources.files.flags import parse_yes_no
from pipeline.sources.files.handles import DID, normalise_handle, normalise_platform
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.personal_data import PRIVATE
from pipeline.sources.files.profile_columns import column_key, find_columns
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.records import Record
from pipeline.sources.files.repeated_headers import without_repeated_headers
from pipeline.sources.files.sheet import Sheet
from pipeline.sources.lake_source import Row, as_payload

NAME = "account_registry"
DESCRIPTION = "accounts.csv: the accounts to watch with their industry, size, customer focus, and which are your own"
TABLES: tuple[str, ...] = ("account_registry", "issues")
COLUMNS = (
    "platform",
    "handle",
    "account_id",
    "name",
    # Both kept as written in the payload: the business that accounts on several platforms belong to, and names of
    # groups, separated by semicolons, whose members are each other's peers.
    "company",
    "industry",
    "company_size",
    "customer_focus",
    "peer_group",
    "is_own",
    "since",
    "notes",
)
COMMENT = "#"
_REGISTRY_ONLY = {"industry", "company_size", "customer_focus", "is_own", "since", "notes", "peer_group"}
_TEXTS = ("name", "industry", "company_size", "notes")
_FOCUS = {"b2b": "b2b", "b2c": "b2c", "both": "both", "mixed": "both", "b2b2c": "both", "b2b/b2c": "both"}
# Account ids of X have at least this many digits in practice; shorter numbers are taken as handles.
_FEWEST_ID_DIGITS = 6


@dataclass(frozen=True)
class _Entry:
    """One line of the registry by column name, with the place to name in an issue."""

    place: str
    cells: Mapping[str, str]


def recognises(file: InputFile, request: Request) -> bool:
    """True for a table with a handle or id and at least one column that only a registry has."""
    return has_claims(claims, file, request)


def claims(file: InputFile, request: Request) -> list[Claim]:  # noqa: ARG001 - the same for all readers
    """The columns of a registry, where a table is one.

    Raises:
        TweetbenchError: the file is no table.
    """
    header = file.sheet.header
    keys = {column_key(name): position for position, name in enumerate(header)}
    # Followers make it a table of profiles, e-mail addresses and phone numbers a list of contacts.
    is_other = "follower_count" in find_columns(header) or any(PRIVATE.search(key) for key in keys)
    if is_other or not keys.keys() & {"handle", "account_id"} or not keys.keys() & _REGISTRY_ONLY:
        return []
    return [Claim(NAME, frozenset(keys[name] for name in COLUMNS if name in keys))]


def read(file: InputFile, request: Request) -> Reading:
    """Registry rows, one per account, and an issue with the remedy for each cell or line that cannot be used.

    Raises:
        TweetbenchError: there are lines and none of them names an account.
    """
    sheet, issues = _filled_up(file.sheet), IssueList(file.shown_name, request)
    keys = [column_key(name) for name in sheet.header]
    set_aside = [aside for aside in sheet.set_aside if not _is_comment(aside.cells)]
    for aside in set_aside:
        remedy = "put a text that holds commas into quotation marks"
        issues.add(f"line {aside.line}", aside.problem, aside.detail, remedy, aside.cells)
    rows: list[Row] = []
    place_of: dict[tuple[str, str], str] = {}
    lines = [each for each in without_repeated_headers(sheet, issues).records if not _is_comment(each.cells)]
    for record in lines:
        cells = {key: cell.strip() for key, cell in zip(keys, record.cells, strict=True)}
        entry = _Entry(f"line {record.line}", cells)
        row = _read_entry(entry, request, issues)
        if row is not None and not _is_repeated(row, entry, place_of, issues):
            rows.append(row)
    if (lines or set_aside) and not rows:
        raise issues.nothing_usable("no line of this file names an account")
    known = set(COLUMNS)
    extra = [name for name, key in zip(sheet.header, keys, strict=True) if name and key not in known]
    notes = [f"{len(rows)} accounts, {sum(row['is_own'] is True for row in rows)} of them your own"]
    notes += [f"columns not read: {', '.join(extra)}"] if extra else []
    return Reading(
        tables={"account_registry": rows, "issues": issues.rows},
        dialect="accounts.csv",
        row_count=sum(not _is_comment(each.cells) for each in sheet.in_order()),
        notes=tuple(notes),
        public_columns=frozenset(known),
    )


def _filled_up(sheet: Sheet) -> Sheet:
    """The table with its short lines filled up: programs and people leave out the empty cells at a line's end."""
    width = len(sheet.header)
    short = [aside for aside in sheet.set_aside if len(aside.cells) < width]
    filled = [Record(aside.line, aside.cells + ("",) * (width - len(aside.cells))) for aside in short]
    records = tuple(sorted([*sheet.records, *filled], key=lambda record: record.line))
    return replace(sheet, records=records, set_aside=tuple(each for each in sheet.set_aside if each not in short))


def _is_comment(cells: Sequence[str]) -> bool:
    """True for a line that its owner took out with a # in front, or wrote as a note."""
    return bool(cells) and cells[0].lstrip().startswith(COMMENT)


def own_handles(rows: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Handles by platform, in lower case, of the accounts that the registry marks as the user's own."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["is_own"] and row["handle"]:
            found.setdefault(row["platform"], set()).add(row["handle"].casefold())
    return {platform: frozenset(handles) for platform, handles in found.items()}


def handles_by_name(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Handles by platform and name, of the accounts whose name the registry gives."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["name"] and row["handle"]:
            found.setdefault(row["platform"], {})[row["name"]] = row["handle"]
    return found


def _read_entry(entry: _Entry, request: Request, issues: IssueList) -> Row | None:
    """A registry row, or None where the line does not say which account it is about."""
    try:
        platform = normalise_platform(entry.cells.get("platform", ""))
    except ValueError as error:
        remedy = "write x, bluesky, mastodon or linkedin in the column platform"
        issues.add(entry.place, "unknown_platform", str(error), remedy, entry.cells)
        return None
    account_id, handle = _read_account(entry, platform, issues)
    if account_id is None and handle is None:
        return None
    return {
        "platform": platform,
        "account_id": account_id,
        "handle": handle,
        "captured_at": request.now,
        **{name: entry.cells.get(name) or None for name in _TEXTS},
        "customer_focus": _read_focus(entry, issues),
        "is_own": _read_own(entry, issues),
        "since_date": _read_since(entry, issues),
        "payload": as_payload(entry.cells),
    }


def _read_account(entry: _Entry, platform: str, issues: IssueList) -> tuple[str | None, str | None]:
    """Id and handle, each None where it is not given or not good."""
    id_cell, handle_cell = entry.cells.get("account_id", ""), entry.cells.get("handle", "")
    account_id = handle = None
    if not id_cell and not handle_cell:
        remedy = "fill in the handle, or remove the line"
        issues.add(entry.place, "no_account", "the line has neither a handle nor an id", remedy, entry.cells)
    if id_cell:
        try:
            account_id = parse_id(id_cell) if platform == "x" else id_cell
        except ValueError as error:
            remedy = "remove the id and keep the handle, or enter the id as text: spreadsheet programs round ids"
            issues.add(entry.place, "damaged_id", str(error), remedy, entry.cells)
    if platform == "x" and handle_cell.isdigit() and handle_cell.isascii() and len(handle_cell) >= _FEWEST_ID_DIGITS:
        detail = f"{handle_cell} in the column handle is read as an account id"
        remedy = f"move it to the column account_id; if it is a handle, write @{handle_cell}"
        issues.add(entry.place, "id_in_handle_column", detail, remedy, entry.cells)
        return account_id or handle_cell, None
    if handle_cell:
        try:
            handle = normalise_handle(handle_cell, platform)
        except ValueError as error:
            remedy = "copy the handle from the address of the profile page and type nothing by hand"
            issues.add(entry.place, "bad_handle", str(error), remedy, entry.cells)
    if platform == "bluesky" and handle and DID.fullmatch(handle):
        return account_id or handle, None
    return account_id, handle


def _is_repeated(row: Row, entry: _Entry, place_of: dict[tuple[str, str], str], issues: IssueList) -> bool:
    """True if an earlier line names the same account, by id or by handle in any case; the earlier one counts.

    Two ids are two accounts, whatever their handle: a handle passes to somebody else when its owner gives it up.
    """
    account_id, handle = row["account_id"], (row["handle"] or "").casefold()
    # What a later line is compared with: its id; its handle alone with every line of that handle; id and handle with
    # lines that have the handle alone.
    wanted = [("id", account_id)] if account_id else [("handle", handle)]
    wanted += [("bare handle", handle)] if account_id and handle else []
    keys = [(f"{row['platform']} {kind}", name) for kind, name in wanted]
    earlier = next((place_of[key] for key in keys if key in place_of), None)
    known = [("id", account_id), ("handle", handle), ("bare handle", "" if account_id else handle)]
    for kind, name in known:
        if name:
            place_of.setdefault((f"{row['platform']} {kind}", name), earlier or entry.place)
    if earlier is None:
        return False
    shown = f"@{row['handle']}" if row["handle"] else f"account {account_id}"
    detail = f"{shown} is already named in {earlier}, which is used; upper and lower case make no difference"
    issues.add(entry.place, "duplicate_account", detail, "keep one of the two lines", entry.cells)
    return True


def _read_focus(entry: _Entry, issues: IssueList) -> str | None:
    cell = entry.cells.get("customer_focus", "")
    focus = _FOCUS.get(cell.casefold().replace(" ", "").replace("-", ""))
    if cell and focus is None:
        detail = f"customer_focus {cell!r} is none of b2b, b2c, both; it is left empty"
        issues.add(entry.place, "unknown_customer_focus", detail, "write b2b, b2c or both", entry.cells)
    return focus


def _read_own(entry: _Entry, issues: IssueList) -> bool | None:
    try:
        return parse_yes_no(entry.cells.get("is_own", ""))
    except ValueError as error:
        detail = f"is_own: {error}; the account is not taken as your own"
        issues.add(entry.place, "unreadable_flag", detail, "write true or false", entry.cells)
        return None


def _read_since(entry: _Entry, issues: IssueList) -> date | None:
    cell = entry.cells.get("since", "")
    try:
        return parse_day(cell) if cell else None
    except ValueError as error:
        issues.add(entry.place, "unreadable_date", f"since: {error}", "write it as YYYY-MM-DD", entry.cells)
        return None
