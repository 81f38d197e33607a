"""The registered accounts, accounts.csv, as rows; and the API sources that are asked about them."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import sources
from pipeline.errors import TweetbenchError
from pipeline.ingest.registry_lines import with_lines
from pipeline.runtime.files import replace_bytes, replace_text
from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.api.source import ApiSource, has_accounts
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.profile_columns import column_key
from pipeline.sources.files.protocol import Request
from pipeline.sources.lake_source import Row

BLANK_BYTES = 4_096
BLANKS = b" \t\r\n\xef\xbb\xbf\xfe\xff"  # byte order marks too, which editors write into an empty file


def registry_rows(settings: Settings, *, now: datetime) -> list[Row]:
    """Rows of `account_registry` as accounts.csv stands; none without the file, or while it is empty.

    Raises:
        TweetbenchError: the file cannot be read as a registry.
    """
    return read_registry(settings, now=now)[0]


def read_registry(settings: Settings, *, now: datetime) -> tuple[list[Row], list[Row]]:
    """The same rows, and issues of the lines and cells that cannot be used.

    Raises:
        TweetbenchError: the file cannot be read as a registry.
    """
    if not settings.accounts_file.exists() or is_blank(settings.accounts_file):
        return [], []
    reading = account_registry.read(open_input(settings.accounts_file, settings.max_file_mb), Request(now))
    return list(reading.tables["account_registry"]), list(reading.tables["issues"])


def is_blank(path: Path) -> bool:
    """True for a regular file of white space alone, or of nothing."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > BLANK_BYTES:
        return False
    return not path.read_bytes().strip(BLANKS)


def asked_sources(settings: Settings, *, now: datetime) -> list[ApiSource]:
    """The API sources that a run asks: configured, with accounts of theirs in the registry, if any.

    Raises:
        TweetbenchError: the registry cannot be read, or a token cannot be one.
    """
    platforms = {row["platform"] or "x" for row in registry_rows(settings, now=now)}
    return [
        source
        for source in sources.API_SOURCES
        if (source.PLATFORM in platforms or not has_accounts(source)) and source.is_configured(settings)
    ]


def add_accounts(settings: Settings, accounts: Sequence[Mapping[str, str]], *, now: datetime) -> list[bool]:
    """List accounts in accounts.csv, values by column name; for each whether it was added or listed before.

    The file is made where there is none, and replaced as a whole: a run that reads it sees it before or after.

    Raises:
        TweetbenchError: the file is there and is no list of accounts as text.
    """
    settings.make_folders()
    with _alone(settings.data_dir):
        path = settings.accounts_file
        if not path.exists() or is_blank(path):
            replace_text(path, ",".join(account_registry.COLUMNS) + "\n")
        listed = {name for row in registry_rows(settings, now=now) for name in _names(row)}
        added = []
        for account in accounts:
            names = _names(account)
            added.append(listed.isdisjoint(names))
            listed |= names
        new = [account for account, is_new in zip(accounts, added, strict=True) if is_new]
        if new:
            file = open_input(path, settings.max_file_mb)
            if file.sheet.form != "csv" or "handle" not in map(column_key, file.sheet.header):
                raise TweetbenchError(
                    "accounts.csv cannot be added to",
                    where=str(path),
                    why="it is a workbook" if file.sheet.form != "csv" else "it has no column handle",
                    next_step="save it as CSV with a column handle, then repeat the command",
                )
            before = file.path.read_bytes()
            replace_bytes(path, with_lines(before, file.sheet, new))
            _refuse_swallowed(settings, new, before, now=now)
        return added


def _refuse_swallowed(settings: Settings, new: Sequence[Mapping[str, str]], before: bytes, *, now: datetime) -> None:
    """Read the file back; one in which a quotation mark stays open makes new lines part of its last cell."""
    listed = {name for row in registry_rows(settings, now=now) for name in _names(row)}
    if not any(_names(account).isdisjoint(listed) for account in new):
        return
    replace_bytes(settings.accounts_file, before)
    raise TweetbenchError(
        "accounts.csv cannot be added to",
        where=str(settings.accounts_file),
        why="lines at its end would not be read, perhaps because a quotation mark is opened and never closed",
        next_step="correct its last lines in an editor, then repeat the command; the file was left as it was",
    )


def _names(account: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What an account is known by: its id and its handle on its platform."""
    platform = account["platform"] or "x"
    given = [("id", account["account_id"] or ""), ("handle", (account["handle"] or "").casefold())]
    return {(f"{platform} {kind}", name) for kind, name in given if name}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder against others that add accounts; a run is not kept waiting, as it only reads the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
