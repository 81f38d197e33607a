"""What the platform has taken back: tombstones by id, and what of a row has to go because of them.

The lake asks for every row that comes in, `comply` for every row that is there already. Content goes (texts, links,
names, the original record); ids, times, kinds and counts stay, because account-level aggregates rest on them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.errors import TweetbenchError
from pipeline.lake.handle_spans import HandleSpan, handle_digest, join_spans, read_spans
from pipeline.lake.record_ids import ids_in, is_id_on
from pipeline.runtime.files import replace_text
from pipeline.schemas import TABLES, content_columns

TOMBSTONES_FILE = "_tombstones.json"
# Why content had to go, in the platform's words, and what is then said of a post's availability.
AVAILABILITY = {
    "deleted": "removed",
    "bounced": "removed",
    "suspended": "removed",
    "deactivated": "removed",
    "not_found": "removed",
    "withheld": "withheld",
    "protected": "unknown",
    "scrub_geo": None,
}
_CONTENT = {name: content_columns(name) for name in TABLES if content_columns(name)}
# A handle is the account's and stays when only the post goes.
POST_CONTENT = {
    name: tuple(column for column in columns if column != "handle")
    for name, columns in _CONTENT.items()
    if "post_id" in TABLES[name].names
}
ACCOUNT_CONTENT = {name: columns for name, columns in _CONTENT.items() if "account_id" in TABLES[name].names}
# Tables whose text may mention anything: what names an erased id loses its words.
FREE_TEXT = {name: columns for name, columns in _CONTENT.items() if name not in POST_CONTENT | ACCOUNT_CONTENT}
ERASED_WORDS = "erased: the platform has taken back what this was about"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Tombstone:
    """One post or account whose content must not be kept.

    `receipt` names the erasure that it belongs to, `account_id` the account with which a post went, if it did.
    `handles` are digests of the handles that an account had, and when: exports name accounts by nothing else.
    """

    reason: str
    erased_at: str
    receipt: str
    account_id: str = ""
    handles: tuple[HandleSpan, ...] = ()


@dataclass(frozen=True)
class Tombstones:
    """All tombstones of a lake, by id."""

    posts: Mapping[str, Tombstone] = field(default_factory=dict)
    accounts: Mapping[str, Tombstone] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.posts or self.accounts)

    def with_added(self, posts: Mapping[str, Tombstone], accounts: Mapping[str, Tombstone]) -> "Tombstones":
        """These and more; the first reason of an id stays, and of a handle its first spans: what is erased says
        nothing more of when it was held."""
        merged = {
            key: replace(stone, handles=join_spans(stone.handles, accounts[key].handles))
            for key, stone in self.accounts.items()
            if key in accounts
        }
        return Tombstones({**posts, **self.posts}, {**accounts, **self.accounts, **merged})

    @cached_property
    def _by_handle(self) -> Mapping[str, Sequence[tuple[HandleSpan, str]]]:
        """The accounts that a digest of a handle means, and when."""
        found: dict[str, list[tuple[HandleSpan, str]]] = {}
        for key, stone in self.accounts.items():
            for span in stone.handles:
                found.setdefault(span.handle, []).append((span, key))
        return found

    def without(self, posts: set[str], accounts: set[str]) -> "Tombstones":
        """These without what the platform serves again; posts come back with the account with which they went."""
        kept = {
            key: stone
            for key, stone in self.posts.items()
            if key not in posts and (not stone.account_id or stone.account_id not in accounts)
        }
        return replace(self, posts=kept, accounts={k: v for k, v in self.accounts.items() if k not in accounts})

    def clean_row(self, table: str, row: Row) -> Row:
        """The row without what has to go; the same object where nothing does."""
        if table in FREE_TEXT:
            return self._clean_free_text(table, row)
        account_id = self._account_of(table, row) if table in ACCOUNT_CONTENT else ""
        account = self.accounts.get(account_id) if is_id_on(row.get("platform"), account_id) else None
        post = self._post_of(table, row)
        stone = post or account
        if stone is None:
            return row
        columns = ACCOUNT_CONTENT[table] if account else POST_CONTENT[table]
        if stone.reason == "scrub_geo":
            columns = ("payload",)
        changes: dict[str, Any] = {name: None for name in columns if row.get(name) is not None}
        if account and not row.get("account_id"):
            changes["account_id"] = account_id  # without its handle the row would be nobody's, and its counts lost
        if "link_urls" in columns:
            changes["link_urls"] = _emptied_links(row)
        if table == "posts" and AVAILABILITY[stone.reason]:
            changes["availability"] = AVAILABILITY[stone.reason]
        changed = {name: value for name, value in changes.items() if row.get(name) != value}
        return {**row, **changed} if changed else row

    def clean_state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Bookmarks without the handles of erased accounts; how far each was read stays."""
        kept = {}
        for key, value in state.items():
            kind, _, name = key.partition(":")
            if kind == "handle" and isinstance(value, dict) and value.get("account_id") in self.accounts:
                continue
            is_gone = kind == "account" and name in self.accounts and isinstance(value, dict)
            kept[key] = {**value, "handle": None} if is_gone else value
        return kept

    def clean_table(self, name: str, table: pa.Table) -> pa.Table:
        """A lake table without what has to go; the same object where nothing does."""
        places = np.flatnonzero(self._touched(name, table)) if self else np.array([], dtype=np.int64)
        before = table.take(places).to_pylist()
        after = [self.clean_row(name, row) for row in before]
        if all(old is new for old, new in zip(before, after, strict=True)):
            return table
        # Only the touched rows become Python objects: a year of metrics holds a few of them among a million.
        order = np.arange(table.num_rows)
        order[places] = table.num_rows + np.arange(len(places))
        changed = pa.Table.from_pylist(after, schema=table.schema)
        return pa.concat_tables([table, changed]).take(order).combine_chunks()

    def _touched(self, name: str, table: pa.Table) -> NDArray[np.bool_]:
        """True for rows with an id that fits; every row of a table of free text."""
        if name in FREE_TEXT:
            return np.ones(table.num_rows, dtype=np.bool_)
        touched = np.zeros(table.num_rows, dtype=np.bool_)
        asked = {"account_id": self.accounts, "post_id": self.posts, "referenced_post_id": self.posts}
        for column, ids in asked.items():
            if ids and column in table.column_names:
                touched |= pc.is_in(table[column], pa.array(list(ids), pa.string())).to_numpy()
        if self.posts and "edit_history_ids" in table.column_names:
            versions = table["edit_history_ids"].combine_chunks()
            hits = pc.is_in(pc.list_flatten(versions), pa.array(list(self.posts), pa.string()))
            touched[pc.list_parent_indices(versions).filter(hits).to_numpy()] = True
        if self._by_handle and {"account_id", "handle"} <= set(table.column_names):
            named = [handle for handle in pc.unique(table["handle"]).to_pylist() if self._has_handle(handle)]
            known_by_it = pc.and_(
                pc.is_null(table["account_id"]), pc.is_in(table["handle"], pa.array(named, pa.string()))
            )
            touched |= known_by_it.to_numpy()
        return touched

    def _account_of(self, table: str, row: Row) -> str:
        """The account of a row: its id, or where it has none the erased account that its handle meant then."""
        if known := row.get("account_id"):
            return str(known)
        spans = self._by_handle.get(handle_digest(row.get("handle")), ())
        # Readings of profiles are of whoever held the handle, never of the nearest holder.
        meant = (key for span, key in spans if span.is_held or table != "accounts" if span.covers(row["captured_at"]))
        return next(meant, "")

    def _has_handle(self, handle: str | None) -> bool:
        return handle_digest(handle) in self._by_handle

    def _post_of(self, table: str, row: Row) -> Tombstone | None:
        if table not in POST_CONTENT:
            return None
        ids = [row.get("post_id"), *(row.get("edit_history_ids") or ())]
        if row.get("post_kind") == "repost":  # a repost is the other's words
            ids.append(row.get("referenced_post_id"))
        platform = row.get("platform")
        return next((self.posts[key] for key in ids if key in self.posts and is_id_on(platform, key)), None)

    def _clean_free_text(self, table: str, row: Row) -> Row:
        words = " ".join(str(row.get(name) or "") for name in ("subject", *FREE_TEXT[table]))
        named = not ids_in(words).isdisjoint(self.posts.keys() | self.accounts.keys())
        changes = {"detail": ERASED_WORDS, "payload": None} if named else {}
        changed = {name: value for name, value in changes.items() if row.get(name) != value}
        return {**row, **changed} if changed else row


def read_tombstones(lake_root: Path) -> Tombstones:
    """The tombstones of a lake.

    Raises:
        TweetbenchError: the file is damaged; nothing may be added to the lake before it is whole again.
    """
    path = lake_root / TOMBSTONES_FILE
    if not path.exists():
        return Tombstones()
    try:
        fields = json.loads(path.read_bytes())
        parts = {
            kind: {key: _tombstone(**stone) for key, stone in fields[kind].items()} for kind in ("posts", "accounts")
        }
        unknown = {stone.reason for part in parts.values() for stone in part.values()} - AVAILABILITY.keys()
        if unknown:
            raise ValueError(f"there is no reason {', '.join(sorted(unknown))}")
        return Tombstones(**parts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TweetbenchError(
            "the list of erased posts and accounts cannot be read",
            where=str(path),
            why=f"{type(error).__name__}: {error}; without it erased content could come back",
            next_step="restore the file from a backup, or rebuild it from receipts/ with: tweetbench comply --file",
        ) from error


def write_tombstones(lake_root: Path, tombstones: Tombstones) -> None:
    """Keep the tombstones, in one step."""
    lake_root.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_text(lake_root / TOMBSTONES_FILE, tombstones_text(tombstones))


def tombstones_text(tombstones: Tombstones) -> str:
    """What is kept of the tombstones."""
    return json.dumps(asdict(tombstones), indent=1)


def _tombstone(handles: Iterable[str | Mapping[str, Any]] = (), **fields: str) -> Tombstone:
    return Tombstone(**fields, handles=read_spans(handles))


def _emptied_links(row: Row) -> list[None] | None:
    """As many links as there were, without saying which: posts with links stay posts with links."""
    links = row.get("link_urls")
    if links is None:
        return [None] if "http" in (row.get("text") or "") else None
    return [None] * len(links)
