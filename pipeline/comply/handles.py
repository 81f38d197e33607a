"""Handles under which the lake knows an account, and when each meant it: exports name accounts by nothing else.

The same rule as in the marts (int_account_identities): between two readings a handle means the account that was last
seen under it, until that is seen elsewhere; before the first reading, the first account. What becomes of the rows that
bear a handle belongs to `tombstones`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.handle_spans import END_OF_TIME, START_OF_TIME, HandleSpan
from pipeline.lake.record_ids import is_id_on
from pipeline.schemas import TABLES

_SHOW_HOLDERS = ("accounts", "posts", "handle_changes")
_HANDLES = ("handle", "previous_handle")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class _Readings:
    """When the accounts that share handles were seen under which, and since when each exists."""

    seen: Mapping[str, Mapping[datetime, set[str]]]  # handle -> time -> accounts
    moments: Mapping[str, Sequence[tuple[datetime, str]]]  # account -> times with the handle, in order
    created: Mapping[str, datetime]


@dataclass(frozen=True)
class _Piece:
    account: str | None
    start: datetime
    end: datetime
    is_held: bool = True


def handles_of(lake: Lake, accounts: Collection[str]) -> tuple[dict[str, set[HandleSpan]], int]:
    """Spans of the casefolded handles of these accounts, and how many of the handles mean another account as well."""
    borne: dict[str, set[HandleSpan]] = {account: set() for account in accounts}
    shared = 0
    for platform in _platforms_of(lake, accounts):
        shared += _add_spans(lake, platform, borne)
    return borne, shared


def _add_spans(lake: Lake, platform: str, borne: dict[str, set[HandleSpan]]) -> int:
    """Add what the handles of one platform mean; how many of them mean another account as well."""
    holders = _holders(lake, _SHOW_HOLDERS, platform)
    names = {handle for handle, seen in holders.items() if seen & borne.keys()}
    readings = _read(lake, platform, set[str]().union(*(holders[handle] for handle in names)))
    for handle in names:
        for account, span in _spans(handle, readings):
            if account in borne:
                borne[account].add(span)
    # Of a handle that no reading shows the registry may say whose it is.
    for handle, named in _holders(lake, ("account_registry",), platform).items():
        if handle not in holders and len(named) == 1 and named <= borne.keys():
            borne[min(named)].add(HandleSpan(handle))
    return sum(holders[handle] > borne.keys() & holders[handle] for handle in names)


def _spans(handle: str, readings: _Readings) -> Iterator[tuple[str, HandleSpan]]:
    """Whom a handle means, from the start of time to its end; nobody at a moment at which two accounts bear it."""
    pieces: list[_Piece] = []
    left, gap_from = None, START_OF_TIME
    for at, accounts in sorted(readings.seen[handle].items()):
        right = next(iter(accounts)) if len(accounts) == 1 else None
        pieces += [*_gap(handle, left, right, gap_from, at, readings), _Piece(right, at, at + _MOMENT)]
        left, gap_from = right, at + _MOMENT
    pieces += _gap(handle, left, None, gap_from, END_OF_TIME, readings)
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and (last.account, last.is_held, last.end) == (piece.account, piece.is_held, piece.start):
            joined[-1] = replace(last, end=piece.end)
        elif piece.start < piece.end:
            joined.append(piece)
    for piece in joined:
        if piece.account:
            yield piece.account, HandleSpan(handle, piece.start.isoformat(), piece.end.isoformat(), piece.is_held)


def _gap(
    handle: str, left: str | None, right: str | None, gap_from: datetime, gap_to: datetime, readings: _Readings
) -> Iterator[_Piece]:
    """Whom a handle means between two readings: the one before it while it is seen nowhere else, then the one after.

    Where both can be meant, the half that is nearer to the earlier reading is of the account before, the rest nobody's.
    """
    is_end = gap_to == END_OF_TIME
    elsewhere = [at for at, name in readings.moments.get(left or "", ()) if name != handle and gap_from <= at < gap_to]
    left_to = min(elsewhere, default=gap_to) if left else gap_from
    right_from = gap_to
    if right:
        earlier = [at for at, name in readings.moments[right] if name != handle and at < gap_to]
        known_from = [readings.created.get(right, START_OF_TIME), *(at + _MOMENT for at in earlier[-1:])]
        right_from = min(max(gap_from, *known_from), gap_to)
    if left and right and left != right and right_from < left_to:
        yield _Piece(left, gap_from, max(right_from, gap_from + (left_to - gap_from) / 2))
        yield _Piece(right, left_to, gap_to)
        return
    yield _Piece(left, gap_from, left_to)
    yield _Piece(left if is_end else right, left_to, max(left_to, right_from), is_held=False)
    yield _Piece(right, max(left_to, right_from), gap_to)


def _holders(lake: Lake, tables: Sequence[str], platform: str) -> dict[str, set[str]]:
    holders: dict[str, set[str]] = defaultdict(set)
    for rows in _tables(lake, tables, platform):
        for name in set(_HANDLES) & set(rows.column_names):
            for row in rows.group_by(["account_id", name]).aggregate([]).to_pylist():
                if row[name]:
                    holders[row[name].casefold()].add(row["account_id"])
    return holders


def _read(lake: Lake, platform: str, accounts: Collection[str]) -> _Readings:
    """Every reading of these accounts that names a handle."""
    seen: dict[str, dict[datetime, set[str]]] = defaultdict(lambda: defaultdict(set))
    moments: dict[str, set[tuple[datetime, str]]] = defaultdict(set)
    created: dict[str, datetime] = {}
    for rows in _tables(lake, _SHOW_HOLDERS, platform) if accounts else ():
        rows = rows.filter(pc.is_in(rows["account_id"], pa.array(accounts, pa.string())))
        of_posts = "post_id" in rows.column_names
        columns = [name for name in ("account_id", "captured_at", "changed_at", *_HANDLES) if name in rows.column_names]
        columns += ["created_at"] if "created_at" in rows.column_names and not of_posts else []
        for row in rows.group_by(columns).aggregate([]).to_pylist():
            account = row["account_id"]
            for at, handle in _sightings(row):
                seen[handle][at].add(account)
                moments[account].add((at, handle))
            if existed := row.get("created_at"):
                created[account] = min(existed, created.get(account, existed))
    return _Readings(seen, {account: sorted(found) for account, found in moments.items()}, created)


def _sightings(row: Mapping[str, Any]) -> Iterator[tuple[datetime, str]]:
    """When a row shows its account under which handle; the old one it had up to the change, if that time is known."""
    at = row.get("changed_at") or row["captured_at"]
    if row["handle"]:
        yield at, row["handle"].casefold()
    if row.get("previous_handle") and (row["changed_at"] is None or at < row["captured_at"]):
        yield at - _MOMENT, row["previous_handle"].casefold()


def _platforms_of(lake: Lake, accounts: Collection[str]) -> list[str]:
    """The platforms on which the lake knows any of these accounts; a handle is another's on each."""
    found = set()
    for rows in _tables(lake, (*_SHOW_HOLDERS, "account_registry")) if accounts else ():
        held = rows.filter(pc.is_in(rows["account_id"], pa.array(accounts, pa.string())))
        pairs = held.group_by(["platform", "account_id"]).aggregate([]).to_pylist()
        found |= {row["platform"] for row in pairs if is_id_on(row["platform"], row["account_id"])}
    return sorted(found)


def _tables(lake: Lake, tables: Sequence[str], platform: str | None = None) -> Iterator[pa.Table]:
    """Rows of accounts with an id, of one platform or all; the receipt names damaged files."""
    for table in tables:
        wanted = ("platform", "account_id", "post_id", "captured_at", "changed_at", "created_at", *_HANDLES)
        for _, file in lake.files(table):
            try:
                rows = lake.read_file(file).select([name for name in wanted if name in TABLES[table].names])
            except TweetbenchError:
                continue
            of_platform = pc.equal(rows["platform"], platform) if platform else pc.is_valid(rows["platform"])
            yield rows.filter(pc.and_(of_platform, pc.is_valid(rows["account_id"])))
