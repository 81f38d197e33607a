"""How one given profile table is to be read: by the mapping that fits it, or by its own column names.

Decides where things stand and whose and when they are; reads no cell.
"""

from collections.abc import Sequence
from datetime import datetime

from pipeline.errors import TweetbenchError
from pipeline.sources.handles import normalise_handle
from pipeline.sources.profile_snapshots.columns import Layout, column_key, find_columns
from pipeline.sources.profile_snapshots.mapping import SnapshotMapping, mappings_that_fit, parse_mapping
from pipeline.sources.protocol import Request


def find_layout(header: Sequence[str], request: Request, file_name: str) -> Layout:
    """Layout of a table: by mapping where one fits, else by known column names.

    Raises:
        TweetbenchError: see the functions below.
    """
    mapping = choose_mapping(header, request, file_name)
    if mapping is None:
        return layout_by_header(header, request, file_name)
    return layout_by_mapping(header, mapping, request, file_name)


def choose_mapping(header: Sequence[str], request: Request, file_name: str) -> SnapshotMapping | None:
    """The one mapping for this file, or None where none fits.

    Raises:
        TweetbenchError: the mapping is wrong, several fit equally well, or it is for another account than --account.
    """
    fitting = [parse_mapping(mapping) for mapping in mappings_that_fit(header, request)]
    if request.account:
        told = normalise_handle(request.account, fitting[0].platform if fitting else "x").casefold()
        matching = [each for each in fitting if each.handle is None or each.handle.casefold() == told]
        if fitting and not matching:
            raise TweetbenchError(
                f"the mapping is for @{fitting[0].handle}, not for the account given with --account",
                where=f"{file_name}, {fitting[0].shown_name}",
                next_step="correct the handle under `account` in the mapping, or leave --account away",
            )
        fitting = matching
    if len(fitting) > 1:
        names = ", ".join(each.shown_name for each in fitting)
        raise TweetbenchError(
            f"{len(fitting)} mappings fit this file equally well: {names}",
            where=file_name,
            why="they name the same columns, so nothing in the file tells which one is meant",
            next_step="run: tweetbench ingest FILE --account HANDLE",
        )
    return fitting[0] if fitting else None


def layout_by_mapping(header: Sequence[str], mapping: SnapshotMapping, request: Request, file_name: str) -> Layout:
    """Layout of a table as its mapping describes it.

    Raises:
        TweetbenchError: a mapped column is not in the file, or nothing says which account or day the rows are of.
    """
    position_of = {column_key(name): position for position, name in reversed(list(enumerate(header)))}
    missing = [name for name in mapping.named_columns() if column_key(name) not in position_of]
    if missing:
        raise TweetbenchError(
            f"the mapping names a column that the file does not have: {', '.join(missing)}",
            where=f"{file_name}, {mapping.shown_name}",
            why=f"the file has the columns {', '.join(name for name in header if name)}",
            next_step=f"correct the name in {mapping.shown_name}, or take that mapping away if it is for another file; "
            "then run: tweetbench ingest FILE",
        )
    columns = {name: position_of[column_key(column)] for name, column in mapping.columns.items()}
    options = {"mapping": mapping.mapping_id, "mapping_sha256": mapping.digest}
    handle, captured_at = mapping.handle, mapping.captured_at
    if "captured_at" not in columns and captured_at is None:
        captured_at = require_captured_at(request, file_name)
        options["captured_at"] = captured_at.isoformat()
    if not mapping.is_wide and not (handle or mapping.account_id or {"handle", "account_id"} & set(columns)):
        if request.account is None:
            raise TweetbenchError(
                "neither the file nor its mapping says whose profile this is",
                where=f"{file_name}, {mapping.shown_name}",
                next_step="add `account: {handle: HANDLE}` to the mapping, or run: tweetbench ingest FILE "
                "--account HANDLE",
            )
        handle = normalise_handle(request.account, mapping.platform)
        options["account"] = handle.casefold()
    wide = {position_of[column_key(name)]: each for name, each in mapping.accounts.items()}
    if mapping.is_wide and not wide:
        wide = {position: name for position, name in enumerate(header) if position not in columns.values() and name}
    return Layout(
        dialect=f"{'wide' if mapping.is_wide else 'long'}, mapping {mapping.mapping_id}",
        columns=columns,
        platform=mapping.platform,
        account_id=mapping.account_id,
        handle=handle,
        captured_at=captured_at,
        date_format=mapping.date_format,
        value=mapping.value,
        account_columns=wide,
        options=options,
        is_wide=mapping.is_wide,
    )


def layout_by_header(header: Sequence[str], request: Request, file_name: str) -> Layout:
    """Layout of a table whose column names speak for themselves.

    Raises:
        TweetbenchError: neither a column nor the user says when the profiles looked like this.
    """
    columns = find_columns(header)
    if "captured_at" in columns:
        return Layout("known columns", columns)
    return Layout(
        "known columns, one date for all rows",
        columns,
        captured_at=require_captured_at(request, file_name),
        options={"captured_at": request.captured_at.isoformat()} if request.captured_at else {},
    )


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
