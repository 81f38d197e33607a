"""How one given profile table is to be read: by the mapping that fits it, or by its own column names.

Decides where things stand and whose and when they are; reads no cell.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.mapping_errors import parse
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.profile_columns import (
    Layout,
    column_key,
    find_columns,
    find_in_table,
    is_snapshot_table,
)
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from pipeline.sources.profile_snapshots.fit import best_mappings, claims_of_mappings, other_accounts
from pipeline.sources.profile_snapshots.mapping import SnapshotMapping


def find_layout(file: InputFile, request: Request) -> Layout:
    """Layout of a table: by a mapping that fits it, else by known column names, else by what is nearest.

    A mapping with a missing column never decides about a table that known column names read.

    Raises:
        TweetbenchError: see the functions below.
    """
    is_readable = is_snapshot_table(
        file.sheet, account_is_told=request.account is not None, day_is_told=request.captured_at is not None
    )
    claims = claims_of_mappings(file, request)
    usable = [each for each in claims if not each.other and not (is_readable and each.claim.missing)]
    chosen = choose_mapping(file, request, best_mappings(usable))
    if chosen is not None:
        return layout_by_mapping(file, chosen, parse(chosen, SnapshotMapping), request)
    other = next((each for each in claims if each.other), None)
    if other and other.other and not is_readable:
        raise _names_accounts(file, other.mapping, *other.other)
    return layout_by_header(file, request)


def choose_mapping(file: InputFile, request: Request, best: Sequence[FileMapping]) -> FileMapping | None:
    """The one of the mappings that fit a file best; None where there is none.

    Raises:
        TweetbenchError: the mapping is wrong, several fit equally well, or it is for another account than --account.
    """
    fitting = list(best)
    if request.account and fitting:
        parsed = [parse(each, SnapshotMapping) for each in fitting]
        given = normalise_handle(request.account, parsed[0].platform).casefold()
        handles = [each.account.handle for each in parsed]
        matching = [each for each, own in zip(fitting, handles, strict=True) if own is None or own.casefold() == given]
        if not matching:
            raise TweetbenchError(
                f"the mapping is for @{handles[0]}, not for the account given with --account",
                where=f"{file.shown_name}, {fitting[0].shown_name}",
                next_step="correct the handle under `account` in the mapping, or omit --account",
            )
        fitting = matching
    if len(fitting) > 1:
        names = ", ".join(each.shown_name for each in fitting)
        raise TweetbenchError(
            f"{len(fitting)} mappings fit this file equally well: {names}",
            where=file.shown_name,
            why="they name the same columns, so nothing in the file shows which one is meant",
            next_step="run: tweetbench ingest FILE --account HANDLE; or write file_name: PATTERN into each mapping",
        )
    return fitting[0] if fitting else None


def _names_accounts(file: InputFile, mapping: FileMapping, column: str, cell: str) -> TweetbenchError:
    account: Any = mapping.fields["account"]
    own = account.get("handle") or account.get("account_id")
    return TweetbenchError(
        f"the mapping is for @{str(own).removeprefix('@')} alone, and the file names accounts itself",
        where=f"{file.shown_name}, {mapping.shown_name}",
        why=f"the column {mask(column)!r} names others, for example {mask(cell)!r}: their followers would be counted "
        "as those of that one account",
        next_step=f"in the mapping write columns: {{handle: {column}, ...}} instead of account, or, if that column "
        "is about something else, add file_name: PATTERN; then run: tweetbench ingest FILE",
    )


def layout_by_mapping(file: InputFile, written: FileMapping, mapping: SnapshotMapping, request: Request) -> Layout:
    """Layout of a table as its mapping describes it.

    Raises:
        TweetbenchError: a mapped column is not in the file, or nothing says which account or day the rows are of.
    """
    header, file_name = file.sheet.header, file.shown_name
    position_of = {column_key(name): position for position, name in reversed(list(enumerate(header)))}
    missing = [name for name in (*mapping.column_of.values(), *mapping.accounts) if column_key(name) not in position_of]
    if missing:
        raise TweetbenchError(
            f"the mapping names a column that the file does not have: {', '.join(missing)}",
            where=f"{file_name}, {written.shown_name}",
            why=f"the file has the columns {', '.join(name for name in header if name)}",
            next_step=f"correct the name in {written.shown_name}, or remove that mapping if it is for another file; "
            "then run: tweetbench ingest FILE",
        )
    columns = {name: position_of[column_key(column)] for name, column in mapping.column_of.items()}
    known = find_in_table(file.sheet)
    if "platform" in known and not mapping.is_wide:
        columns = {"platform": known["platform"], **columns}
    account_id, handle, captured_at = mapping.account.account_id, mapping.account.handle, mapping.captured_at
    has_account = handle or account_id or {"handle", "account_id"} & columns.keys()
    if not mapping.is_wide and not has_account:
        # Where the file names its accounts itself, no account given for all its lines may replace them.
        columns |= {name: known[name] for name in ("handle", "account_id") if name in known}
    digest = hashlib.sha256(json.dumps(written.fields, sort_keys=True, default=str).encode()).hexdigest()
    options = {"mapping": written.mapping_id, "mapping_sha256": digest}
    if not {"handle", "account_id"} & columns.keys() and (handle or account_id):
        options["account"] = (handle or str(account_id)).casefold()
    if "captured_at" not in columns and captured_at is None:
        captured_at = require_captured_at(request, file_name)
        options["captured_at"] = captured_at.isoformat()
    if not mapping.is_wide and not (handle or account_id or {"handle", "account_id"} & set(columns)):
        if request.account is None:
            raise TweetbenchError(
                "neither the file nor its mapping says whose profile this is",
                where=f"{file_name}, {written.shown_name}",
                next_step="add `account: {handle: HANDLE}` to the mapping, or run: tweetbench ingest FILE "
                "--account HANDLE",
            )
        handle = normalise_handle(request.account, mapping.platform)
        options["account"] = handle.casefold()
    wide = {position_of[column_key(name)]: each for name, each in mapping.accounts.items()}
    if mapping.is_wide and not wide:
        wide = {position: name for position, name in enumerate(header) if position not in columns.values() and name}
    return Layout(
        dialect=f"{'wide' if mapping.is_wide else 'long'}, mapping {written.mapping_id}",
        columns=columns,
        platform=mapping.platform,
        account_id=account_id,
        handle=handle,
        captured_at=captured_at,
        date_format=mapping.date_format,
        value=mapping.value,
        account_columns=wide,
        options=options,
        is_wide=mapping.is_wide,
    )


def layout_by_header(file: InputFile, request: Request) -> Layout:
    """Layout of a table whose column names speak for themselves.

    Raises:
        TweetbenchError: neither a column nor the user says when the profiles looked like this, or --account is wrong.
    """
    columns = find_in_table(file.sheet)
    handle, dialect, options, notes = None, "known columns", {}, []
    if not {"handle", "account_id"} & columns.keys() and request.account:
        try:
            handle = normalise_handle(request.account)
        except ValueError as error:
            raise TweetbenchError(
                f"--account: {error}",
                where=file.shown_name,
                next_step="run: tweetbench ingest FILE --account HANDLE",
                exit_code=Exit.USAGE,
            ) from error
        other = other_accounts(file, {"account": {"handle": handle}}, columns.values())
        if other:
            raise TweetbenchError(
                f"--account names @{handle} alone, and the file names accounts itself",
                where=file.shown_name,
                why=f"the column {mask(other[0])!r} names others, for example {mask(other[1])!r}",
                next_step="write a mapping in mappings/ with kind: profile_snapshots and columns: "
                f"{{handle: {other[0]}, captured_at: ..., follower_count: ...}} (see data/README.md)",
            )
        dialect, options = "known columns, one account", {"account": handle.casefold()}
    elif request.account:
        notes = ["--account is not used: the file names its accounts itself"]
    if "account_id" in find_columns(file.sheet.header) and "account_id" not in columns:
        notes.append("the column id only numbers the lines and is not read as an id of accounts")
    captured_at = None
    if "captured_at" not in columns:
        captured_at = require_captured_at(request, file.shown_name)
        dialect += ", one date for all rows"
        options = {**options, "captured_at": captured_at.isoformat()}
    return Layout(dialect, columns, handle=handle, captured_at=captured_at, options=options, notes=tuple(notes))


def require_captured_at(request: Request, file_name: str) -> datetime:
    """The day that the user named.

    Raises:
        TweetbenchError: none was named.
    """
    if request.captured_at is None:
        raise TweetbenchError(
            "nothing says on which day the profiles looked like this",
            where=file_name,
            why="there is no column such as captured_at, date, snapshot_date or retrieved_at, and a level without "
            "its day cannot be compared",
            next_step="run: tweetbench ingest FILE --captured-at DATE",
        )
    return request.captured_at
