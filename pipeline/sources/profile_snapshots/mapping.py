"""Mappings for profile tables: a person's YAML that says which column holds what, checked, and whether it fits a file.

Reading the YAML from disk belongs to whoever fills the request, using a mapping to `layout`.
"""

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.claims import Claim, mapping_claim
from pipeline.sources.handles import normalise_handle, normalise_platform
from pipeline.sources.profile_snapshots.columns import (
    COUNTS,
    OTHER_TABLES,
    SPELLINGS,
    column_key,
    find_columns,
    find_in_table,
)
from pipeline.sources.protocol import FileMapping, InputFile, Request
from pipeline.sources.values import parse_id, parse_status_link, parse_time

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


def claims_of_mappings(file: InputFile, request: Request) -> list[tuple[Claim, FileMapping]]:
    """The mappings that may be for a table, with the columns that each explains, the best first.

    Left out are those for one account where the table names accounts itself, and those for a table of days by
    accounts where the columns are not accounts.
    """
    sheet = file.sheet
    position_of = {column_key(name): position for position, name in reversed(list(enumerate(sheet.header)))}
    found = []
    for mapping in request.mappings:
        named = _named(mapping.fields)
        if mapping.fields.get("kind") != KIND or not named:
            continue
        at = {name: position_of.get(column_key(name)) for name in named}
        missing = [name for name, position in at.items() if position is None]
        columns = {position for position in at.values() if position is not None}
        if mapping.fields.get("layout") == "wide" and not mapping.fields.get("accounts"):
            if not _has_accounts_as_columns(sheet.header, columns, mapping):
                continue
            columns = {position for position, name in enumerate(sheet.header) if name}
        # A daily export has a date too: where a mapped column is missing, columns of posts or days speak against it.
        if (missing and position_of.keys() & OTHER_TABLES) or other_accounts(file, mapping.fields, columns):
            continue
        claim = mapping_claim(KIND, mapping, named, columns, missing, file_name=file.shown_name)
        if claim:
            found.append((claim, mapping))
    return sorted(found, key=lambda each: (each[0].is_named, not each[0].missing, len(each[0].columns)), reverse=True)


def other_accounts(file: InputFile, fields: Mapping[str, Any], mapped: Container[int]) -> tuple[str, str] | None:
    """A column that the mapping does not name and that names accounts, with the first that is another than its own.

    None for a mapping that is not for one account, and where the column holds that account only.
    """
    account = fields.get("account")
    if not isinstance(account, Mapping) or fields.get("layout") == "wide":
        return None
    own = {str(value).strip().removeprefix("@").casefold() for value in account.values()}
    known = find_in_table(file.sheet)
    for position, name in enumerate(file.sheet.header):
        if position in mapped:
            continue
        field_name = next((each for each in ("handle", "account_id") if known.get(each) == position), None)
        cells = {record.cells[position].strip() for record in file.sheet.records} - {""}
        is_told = field_name is None and "file_name" in fields
        if is_told or not (field_name or (cells and all(_looks_like_account(cell) for cell in cells))):
            continue
        others = sorted(cell for cell in cells if _bare(cell) not in own)
        is_comparable = field_name is None or field_name in account
        if others and (is_comparable or len(others) > 1):
            return name, others[0]
    return None


def _bare(cell: str) -> str:
    try:
        return normalise_handle(cell).casefold()
    except ValueError:
        return cell.casefold()


def _looks_like_account(cell: str) -> bool:
    """True for `@name` and a link to a profile: what nobody writes into another column."""
    if not cell.startswith(("@", "http://", "https://", "x.com/", "twitter.com/")):
        return False
    try:
        return bool(normalise_handle(cell)) and not parse_status_link(cell)
    except ValueError:
        return False


def _has_accounts_as_columns(header: Sequence[str], mapped: Container[int], mapping: FileMapping) -> bool:
    """True for a table of dates by accounts; a date column alone would fit any table with dates."""
    platform = str(mapping.fields.get("platform", "x"))
    others = {position: name for position, name in enumerate(header) if name and position not in mapped}
    known = set(find_columns(header).values()) & others.keys()
    if {column_key(name) for name in others.values()} & OTHER_TABLES or len(known) * 2 >= len(others):
        return False
    return sum(_is_handle(name, platform) for name in others.values()) * 2 >= len(others)


def _is_handle(name: str, platform: str) -> bool:
    try:
        return bool(normalise_handle(name, normalise_platform(platform)))
    except ValueError:
        return False


def _named(fields: Mapping[str, Any]) -> list[str]:
    """Columns that an unchecked mapping names."""
    columns, accounts = fields.get("columns"), fields.get("accounts")
    named = list(columns.values()) if isinstance(columns, Mapping) else []
    named += list(accounts) if isinstance(accounts, Mapping) else []
    return [str(name) for name in [*named, *([fields["date_column"]] if "date_column" in fields else [])]]


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
