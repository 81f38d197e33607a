"""Whether a mapping for profile tables fits a file: the columns it explains, and the accounts it would mix up.

What a mapping says is checked in `mapping`; which of several is used is decided in `layout`.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.sources.files.claims import Claim, mapping_claim
from pipeline.sources.files.handles import normalise_handle, normalise_platform
from pipeline.sources.files.other_exports import other_export
from pipeline.sources.files.profile_columns import (
    ACCOUNT_WORDS,
    OTHER_TABLES,
    column_key,
    find_columns,
    find_in_table,
    names_accounts,
)
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from pipeline.sources.profile_snapshots.mapping import KIND


@dataclass(frozen=True)
class MappingClaim:
    """A mapping that may be for a table; `other` names a column and a cell of accounts that it would not tell apart."""

    claim: Claim
    mapping: FileMapping
    other: tuple[str, str] | None = None


def claims_of_mappings(file: InputFile, request: Request) -> list[MappingClaim]:
    """The mappings that may be for a table, with the columns that each explains, the best first.

    Left out are those for a table of days by accounts where the columns are not accounts, and, but for a mapping with
    `file_name`, all of them where the names are those of another platform's export.
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
        other = None if missing else other_accounts(file, mapping.fields, columns)
        if mapping.fields.get("layout") == "wide" and not mapping.fields.get("accounts"):
            if not _has_accounts_as_columns(sheet.header, columns, mapping, request):
                continue
            columns = {position for position, name in enumerate(sheet.header) if name}
        # Any table may have a date: where a mapped column is missing, a date in a wider table proves nothing, and
        # columns of posts or days speak against it.
        is_dated_only = columns <= {position_of.get(_date_column(mapping.fields))} and len(position_of) > len(named)
        if missing and (position_of.keys() & OTHER_TABLES or is_dated_only):
            continue
        if other_export(sheet.header) and not mapping.fields.get("file_name"):
            continue
        claim = mapping_claim(KIND, mapping, named, columns, missing, file_name=file.shown_name)
        if claim:
            found.append(MappingClaim(claim, mapping, other))
    return sorted(found, key=lambda each: each.claim.rank, reverse=True)


def best_mappings(claims: Sequence[MappingClaim]) -> list[FileMapping]:
    """The first of some claims and all that fit equally well."""
    return [each.mapping for each in claims if each.claim.rank == claims[0].claim.rank]


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
        is_word = column_key(name) in ACCOUNT_WORDS
        cells = {record.cells[position].strip() for record in file.sheet.records} - {""}
        is_told = field_name is None and "file_name" in fields
        has_handles = names_accounts(file.sheet, position)
        if is_told or not (field_name or is_word or has_handles):
            continue
        others = sorted(cell for cell in cells if _bare(cell) not in own)
        is_comparable = has_handles or field_name in account or any(cell.startswith("@") for cell in others)
        if others and (is_comparable or len(others) > 1):
            return name, others[0]
    return None


def _bare(cell: str) -> str:
    try:
        return normalise_handle(cell).casefold()
    except ValueError:
        return cell.casefold()


def _has_accounts_as_columns(
    header: Sequence[str], mapped: Container[int], mapping: FileMapping, request: Request
) -> bool:
    """True for a table of dates by accounts; a date column alone would fit any table with dates.

    Most words are legal handles (`temperature`, `Volume`): one column has to be written as a handle or be an own
    account, unless the mapping says by `file_name` which files it is for.
    """
    platform = str(mapping.fields.get("platform", "x"))
    others = {position: name for position, name in enumerate(header) if name and position not in mapped}
    known = set(find_columns(header).values()) & others.keys()
    if {column_key(name) for name in others.values()} & OTHER_TABLES or len(known) * 2 >= len(others):
        return False
    is_shown = any(is_written_as_handle(name) or _bare(name) in request.own_on(platform) for name in others.values())
    if not is_shown and not mapping.fields.get("file_name"):
        return False
    return sum(_is_handle(name, platform) for name in others.values()) * 2 >= len(others)


def is_written_as_handle(name: str) -> bool:
    """True for a name that can only be an account: `@handle` or the link of a profile."""
    text = name.strip()
    return (text.startswith("@") or "/" in text) and _is_handle(text, "x")


def _is_handle(name: str, platform: str) -> bool:
    try:
        return bool(normalise_handle(name, normalise_platform(platform)))
    except ValueError:
        return False


def _date_column(fields: Mapping[str, Any]) -> str:
    columns = fields.get("columns")
    named = columns.get("captured_at") if isinstance(columns, Mapping) else None
    return column_key(str(named or fields.get("date_column") or ""))


def _named(fields: Mapping[str, Any]) -> list[str]:
    """Columns that an unchecked mapping names."""
    columns, accounts = fields.get("columns"), fields.get("accounts")
    named = list(columns.values()) if isinstance(columns, Mapping) else []
    named += list(accounts) if isinstance(accounts, Mapping) else []
    return [str(name) for name in [*named, *([fields["date_column"]] if "date_column" in fields else [])]]
