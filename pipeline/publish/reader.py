"""Opening the published warehouse the way analysts should: read-only, without access to anything else."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import duckdb

from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.reading_statements import AskingConnection
from pipeline.runtime.interrupts import interruptible
from pipeline.settings import Settings

# Without these a read-only connection can still read any file of the user and write new ones. Even with them DuckDB
# lets it write the log next to its own file, hence the AskingConnection, the check for a log, and folders of mode 0500.
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",  # the default lies next to the file
}

OPENING = threading.Lock()


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only, locked-down connection to the current version, schema `marts` in front; it takes questions only.

    Raises:
        TweetbenchError: nothing has been published yet, or somebody has put a log next to the version.
    """
    with interruptible(_connect_current(settings)) as connection:
        yield connection


def _connect_current(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection to the version that the link names. A version may be removed between looking and opening, when many
    are published in a moment; the link then names another, which is opened instead.
    """
    before = None
    while (file := settings.published_file.resolve()) != before:
        before = file
        try:
            return _connect(file)
        except duckdb.IOException:
            if file.exists():
                raise
    raise TweetbenchError(
        "nothing has been published yet",
        where=str(settings.published_file),
        next_step="tweetbench run",
        exit_code=Exit.CONFIGURATION,
    )


@contextmanager
def open_file(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same for the file of any version.

    Raises:
        duckdb.Error: it is not there or is no published warehouse.
        TweetbenchError: somebody has put a log next to it.
    """
    with interruptible(_connect(file)) as connection:
        yield connection


def refuse_foreign_log(file: Path) -> None:
    """A published file has no log: whoever opens it next to one would read what the log says instead.

    Raises:
        TweetbenchError: one lies there.
    """
    log = file.with_name(f"{file.name}.wal")
    if os.path.lexists(log):
        raise TweetbenchError(
            "a published version was tampered with",
            where=f"{file.parent.name}/{log.name}",
            why="a write-ahead log changes what readers of the file see; no version has one when it is published",
            next_step="tweetbench doctor --fix   (removes it), then: tweetbench verify",
        )


def _connect(file: Path) -> duckdb.DuckDBPyConnection:
    refuse_foreign_log(file)
    # Connections of one process to one file share an instance: the first configures and locks it for all of them.
    with OPENING:
        connection = duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
        locked = connection.execute("select current_setting('lock_configuration')").fetchone()
        if locked == (False,):
            connection.execute("set global timezone = 'UTC'")
            connection.execute("set lock_configuration = true")
    connection.execute("use marts")
    return cast(duckdb.DuckDBPyConnection, AskingConnection(connection))


@dataclass(frozen=True)
class KeptVersion:
    """A version on disk and when it was published."""

    version: int
    published_at: datetime
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "warehouse.duckdb"


def kept_versions(settings: Settings) -> list[KeptVersion]:
    """The versions on disk, oldest first; one that is being removed this moment is left out."""
    kept = []
    for folder in (settings.published_dir / "versions").glob("v*"):
        try:
            with open_file(folder / "warehouse.duckdb") as connection:
                row = connection.execute("select version, published_at from published").fetchone()
        except duckdb.Error:
            if folder == settings.published_file.resolve().parent:
                raise  # else: nothing has been published yet
            continue
        if row:
            kept.append(KeptVersion(int(row[0]), row[1], folder))
    return sorted(kept, key=lambda version: version.version)


def published_facts(settings: Settings) -> tuple[dict[str, Any], dict[str, int]]:
    """The row of `marts.published`, and the rows of every mart.

    Raises:
        TweetbenchError: nothing has been published yet.
    """
    with open_published(settings) as connection:
        cursor = connection.execute("select * from published")
        names = [column[0] for column in cursor.description or []]
        row = cursor.fetchone() or ()
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts' order by 1")
        counts = {}
        for (table,) in tables.fetchall():
            counted = connection.execute(f'select count(*) from "{table}"').fetchone()
            counts[table] = counted[0] if counted else 0
    return dict(zip(names, row, strict=False)), counts


def published_rows(settings: Settings, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    """The answer of the current version by column; none where nothing is published, or the version lacks the mart."""
    if not settings.published_file.exists():
        return []
    with open_published(settings) as connection:
        try:
            cursor = connection.execute(query, parameters)
        except duckdb.CatalogException:
            return []
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
