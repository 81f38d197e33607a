"""Opening the published warehouse the way analysts should: read-only, without access to anything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from pipeline.errors import Exit, TweetbenchError
from pipeline.settings import Settings

# Without these a read-only connection can still read any file of the user and write new ones.
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only, locked-down connection to the current version, with schema `marts` in front.

    Raises:
        TweetbenchError: nothing has been published yet.
    """
    file = settings.published_file.resolve()
    if not file.exists():
        raise TweetbenchError(
            "nothing has been published yet",
            where=str(settings.published_file),
            next_step="tweetbench run",
            exit_code=Exit.CONFIGURATION,
        )
    with duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set search_path = 'marts'")
        connection.execute("set lock_configuration = true")
        yield connection


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
