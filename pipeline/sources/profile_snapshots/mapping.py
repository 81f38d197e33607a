"""Mappings for profile tables: a person's YAML that says which column holds what, checked.

Reading the YAML from disk belongs to whoever fills the request, whether it fits a file to `fit`, using it to `layout`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.handles import normalise_handle, normalise_platform
from pipeline.sources.profile_snapshots.columns import COUNTS, SPELLINGS
from pipeline.sources.protocol import FileMapping
from pipeline.sources.values import parse_id, parse_time

KIND = "profile_snapshots"
_KEYS = {
    "kind",
    "file_name",
    "platform",
    "description",
    "columns",
    "account",
    "captured_at",
    "date_format",
    "layout",
    "date_column",
    "value",
    "accounts",
}


@dataclass(frozen=True)
class SnapshotMapping:
    """A checked mapping for a profile table."""

    mapping_id: str
    shown_name: str
    digest: str
    platform: str = "x"
    columns: Mapping[str, str] = field(default_factory=dict)  # field -> column name
    account_id: str | None = None
    handle: str | None = None
    captured_at: datetime | None = None
    date_format: str | None = None
    is_wide: bool = False
    value: str = "follower_count"
    accounts: Mapping[str, str] = field(default_factory=dict)  # column name -> handle

    def named_columns(self) -> list[str]:
        """Every column that the mapping expects in a file."""
        return [*self.columns.values(), *self.accounts]


def parse_mapping(mapping: FileMapping) -> SnapshotMapping:
    """The mapping with every field checked.

    Raises:
        TweetbenchError: an unknown key or field, or a value that cannot be used; both are named.
    """
    fields = mapping.fields
    _refuse_unknown(set(fields) - _KEYS, _KEYS, "key", mapping)
    columns, account = _table(fields, "columns", mapping), _table(fields, "account", mapping)
    _refuse_unknown(set(columns) - set(SPELLINGS), set(SPELLINGS), "field under columns", mapping)
    _refuse_unknown(set(account) - {"handle", "account_id"}, {"handle", "account_id"}, "key under account", mapping)
    layout, value = str(fields.get("layout", "long")), str(fields.get("value", "follower_count"))
    _refuse_unknown({layout} - {"long", "wide"}, {"long", "wide"}, "layout", mapping)
    _refuse_unknown({value} - set(COUNTS), set(COUNTS), "value", mapping)
    if "date_column" in fields:
        columns = {**columns, "captured_at": str(fields["date_column"])}
    if layout == "wide" and set(columns) != {"captured_at"}:
        raise _wrong(mapping, "a wide mapping needs date_column", "all its other columns are accounts")
    if layout == "long" and "follower_count" not in columns and "status" not in columns:
        raise _wrong(mapping, "the mapping names no follower_count column", "without it no row is a snapshot")
    try:
        platform = normalise_platform(str(fields.get("platform", "x")))
        accounts = {name: normalise_handle(handle, platform) for name, handle in _accounts(fields, mapping).items()}
        handle = normalise_handle(account["handle"], platform) if "handle" in account else None
        account_id = account.get("account_id")
        account_id = parse_id(account_id) if account_id and platform == "x" else account_id
        captured_at = _moment(fields["captured_at"]) if fields.get("captured_at") else None
    except ValueError as error:
        raise _wrong(mapping, "the mapping holds a value that cannot be used", str(error)) from error
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()
    return SnapshotMapping(
        mapping_id=mapping.mapping_id,
        shown_name=mapping.shown_name,
        digest=digest,
        platform=platform,
        columns=columns,
        account_id=account_id,
        handle=handle,
        captured_at=captured_at,
        date_format=fields.get("date_format"),
        is_wide=layout == "wide",
        value=value,
        accounts=accounts,
    )


def _accounts(fields: Mapping[str, Any], mapping: FileMapping) -> dict[str, str]:
    return _table(fields, "accounts", mapping) if str(fields.get("layout")) == "wide" else {}


def _table(fields: Mapping[str, Any], key: str, mapping: FileMapping) -> dict[str, str]:
    value = fields.get(key) or {}
    if not isinstance(value, Mapping):
        raise _wrong(mapping, f"`{key}` is not a list of names and values", f"found {value!r}")
    return {str(name): str(each) for name, each in value.items()}


def _moment(value: object) -> datetime:
    """YAML reads 2022-11-15 as a date by itself; quoted it stays text."""
    return parse_time(value.isoformat() if isinstance(value, date) else str(value))


def _refuse_unknown(unknown: set[Any], known: set[str], what: str, mapping: FileMapping) -> None:
    if unknown:
        names = ", ".join(sorted(str(name) for name in unknown))
        raise _wrong(mapping, f"unknown {what}: {names}", f"known are {', '.join(sorted(known))}")


def _wrong(mapping: FileMapping, what: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        what,
        where=mapping.shown_name,
        why=why,
        next_step=f"correct {mapping.shown_name}, then run: tweetbench ingest FILE",
        exit_code=Exit.CONFIGURATION,
    )
