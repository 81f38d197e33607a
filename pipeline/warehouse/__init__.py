"""The build warehouse: a DuckDB file that only the pipeline opens, loaded from the lake exactly once per file.

It is a cache of the lake: deleting it loses nothing, and one that cannot be opened is thrown away and loaded again.
What the marts mean belongs to dbt, what readers see to `publish`.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Commit, Lake, LakeFile
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.interrupts import interruptible
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.warehouse.raw_tables import create_raw_tables


@dataclass(frozen=True)
class Load:
    """What one load of a raw table did. `healed`: why the warehouse was thrown away and reloaded, or None."""

    table: str
    files_added: int
    rows_added: int
    rows_total: int
    damaged: tuple[str, ...] = ()
    healed: str | None = None


# A file that only looks like a database of another kind would else have an extension downloaded and run.
NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


def connection_options(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """DuckDB options of the pipeline's own connections: bounded, in UTC's reach, nothing downloaded."""
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(settings.warehouse_file.parent / "tmp"),
        **NO_EXTENSIONS,
    }


@contextmanager
def connect(settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the build warehouse, in UTC and within the memory limit.

    Raises:
        TweetbenchError: another process holds the file, or it cannot be read.
    """
    settings.warehouse_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(
            str(settings.warehouse_file), read_only=read_only, config=connection_options(settings)
        )
    except duckdb.Error as error:
        # A damaged header is an IOException, a log of another file's changes a CatalogException: any error counts.
        is_held = "Could not set lock" in str(error)
        remedy = "end the program that has it open (BI tools belong on published/current/), then repeat"
        raise TweetbenchError(
            "the build warehouse cannot be opened",
            where=str(settings.warehouse_file),
            why=str(error).splitlines()[0],
            next_step=remedy if is_held else "rebuild it from the lake: tweetbench rebuild",
            exit_code=Exit.BUSY if is_held else Exit.IO,
        ) from error
    with interruptible(connection):
        connection.execute("set timezone = 'UTC'")
        yield connection


def loaded_files(settings: Settings) -> tuple[int, int, int]:
    """How many lake files the warehouse holds, one number over them, and the sequence of the newest commit among them.

    A file that was damaged and restored changes the number. Zeros where there is no warehouse.
    """
    if not settings.warehouse_file.exists():
        return 0, 0, 0
    with connect(settings, read_only=True) as connection:
        known = _one_row(connection, "select count(*) from duckdb_tables() where table_name = 'lake_files'")
        query = (
            "select count(*), coalesce(sum(hash(path, sha256)), 0), coalesce(max(lake_sequence), 0) from raw.lake_files"
        )
        count, digest, sequence = _one_row(connection, query) if known[0] else (0, 0, 0)
    return int(count), int(digest), int(sequence)


def heal(settings: Settings) -> str | None:
    """Throw the build warehouse away if it is damaged, and return why; None where it is not.

    A file that opens can hold a damaged block. It is read in full where its last writer was killed, and else not.

    Raises:
        TweetbenchError: another process holds it; that is no damage.
    """
    if not settings.warehouse_file.exists():
        _log_file(settings).unlink(missing_ok=True)  # a log without its file would be replayed into the next one
        return None
    # Whoever closes the file folds its log in; only a process that was killed leaves one.
    was_interrupted = _log_file(settings).exists()
    try:
        with connect(settings) as connection:
            if was_interrupted:
                read_every_table(connection)
            return None
    except TweetbenchError as error:
        if error.exit_code is Exit.BUSY:
            raise
        why = error.why
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
    discard(settings)
    return f"the build warehouse was damaged and is loaded again from the lake; {why}"


def read_every_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every stored value once.

    Raises:
        duckdb.Error: a block cannot be read.
    """
    tables = connection.execute("select schema_name, table_name from duckdb_tables() where not temporary").fetchall()
    for schema, name in tables:
        connection.execute(f'select sum(hash(t)) from "{schema}"."{name}" as t').fetchall()


def discard(settings: Settings) -> None:
    """Remove the build warehouse with its log; the next load rebuilds it."""
    # The log goes first: alone it is ignored, next to another file it would stop every opening.
    _log_file(settings).unlink(missing_ok=True)
    failpoint("rebuild.log_removed")
    settings.warehouse_file.unlink(missing_ok=True)


def load_table(settings: Settings, lake: Lake, table: str) -> Load:
    """Append every lake file of one table that the warehouse does not hold yet; see `load_tables`."""
    return load_tables(settings, lake, [table])[0]


def load_tables(settings: Settings, lake: Lake, tables: Sequence[str]) -> list[Load]:
    """Append every lake file of these tables that the warehouse does not hold yet; what was done, in their order.

    Of one moment of the lake; one transaction per table: rows and ledger appear together or not at all. A file whose
    bytes differ from the manifest is left out and named in the result; the others still load. Rows of files that the
    manifest no longer names (replaced, erased, taken out as damaged) go. A warehouse that cannot be opened is thrown
    away, said so in the log, and loaded again with all its tables, once.

    Raises:
        TweetbenchError: the warehouse is locked or cannot be written.
    """
    if not _log_file(settings).exists():
        # Nobody was killed while writing: a file that cannot be opened shows in the load itself.
        try:
            return _load(settings, lake, tables)
        except TweetbenchError as error:
            if error.exit_code is Exit.BUSY:
                raise
    healed = heal(settings)
    if healed:
        logging.getLogger(__name__).warning(healed)
        loads = _load(settings, lake, [*tables, *(table for table in TABLES if table not in tables)])
    else:
        loads = _load(settings, lake, tables)
    return [replace(done, healed=healed) for done in loads[: len(tables)]]


def _load(settings: Settings, lake: Lake, tables: Sequence[str]) -> list[Load]:
    # Opening the file costs more than looking for new rows of a table.
    with connect(settings) as connection:
        create_raw_tables(connection)
        live = lake.live_files()  # once: readers of accounts may commit while tables are loaded
        return [_load_table(connection, lake, table, live.get(table, [])) for table in tables]


def _load_table(
    connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, files: Sequence[tuple[Commit, LakeFile]]
) -> Load:
    query = "select path, sha256, lake_sequence from raw.lake_files where table_name = ?"
    loaded = {path: (sha256, number) for path, sha256, number in connection.execute(query, [table]).fetchall()}
    live = {file.path: (commit, file) for commit, file in files}
    stale = {path for path, (sha256, _) in loaded.items() if path not in live or live[path][1].sha256 != sha256}
    # Rows do not know their file, only their commit: its other files of the table are loaded again as well.
    gone = {loaded[path][1] for path in stale}
    known = {path for path, (_, number) in loaded.items() if number not in gone}
    fresh, damaged = [], []
    for commit, file in live.values():
        problem = None if file.path in known else lake.check(file)
        if problem:
            damaged.append(f"{file.path}: {problem}")
        elif file.path not in known:
            fresh.append((commit, file))
    if fresh or gone:
        _append(connection, lake.root, table, fresh, sorted(gone))
    (total,) = _one_row(connection, f'select count(*) from raw."{table}"')
    return Load(table, len(fresh), sum(file.row_count for _, file in fresh), total, tuple(damaged))


def _append(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    table: str,
    fresh: list[tuple[Commit, LakeFile]],
    gone: list[int],
) -> None:
    connection.execute("begin")
    try:
        is_gone = "lake_sequence in (select unnest(?::bigint[]))"
        connection.execute(f'delete from raw."{table}" where {is_gone}', [gone])
        connection.execute(f"delete from raw.lake_files where {is_gone} and table_name = ?", [gone, table])
        # Rows that go, or that come below what is built, are none that a build could resume with.
        earliest = min([*gone, *(commit.sequence for commit, _ in fresh)])
        connection.execute("delete from raw.build_watermark where lake_sequence >= ?", [earliest])
        if fresh:
            added = _insert(connection, root, table, fresh)
            named = sum(file.row_count for _, file in fresh)
            if added != named:
                raise TweetbenchError(
                    f"lake files of {table} hold {added} rows and the manifest names {named}",
                    where=str(root),
                    why="the files do not read back as written; none of them is loaded",
                    next_step="tweetbench verify",
                    exit_code=Exit.IO,
                )
        for commit, file in fresh:
            connection.execute(
                "insert into raw.lake_files values (?, ?, ?, ?, ?, ?, ?, ?::timestamptz)",
                [
                    *(file.path, table, commit.source, commit.run_id, commit.sequence),
                    *(file.sha256, file.row_count, commit.committed_at),
                ],
            )
        failpoint("load.before_commit")
        connection.execute("commit")
        failpoint("load.committed")
    except BaseException:
        connection.execute("rollback")
        raise


def _insert(connection: duckdb.DuckDBPyConnection, root: Path, table: str, fresh: list[tuple[Commit, LakeFile]]) -> int:
    """Read files into their table and return how many rows they gave."""
    paths = [str(root / file.path) for _, file in fresh]
    try:
        # One statement for all files, so that they are read side by side.
        (added,) = connection.execute(
            f'insert into raw."{table}" by name select read.* exclude (lake_file), numbers.lake_sequence '
            "from read_parquet(?, hive_partitioning = false, union_by_name = true, filename = 'lake_file') as read "
            "inner join (select unnest(?) as lake_file, unnest(?::bigint[]) as lake_sequence) as numbers "
            "using (lake_file)",
            [paths, paths, [commit.sequence for commit, _ in fresh]],
        ).fetchone() or (0,)
    except duckdb.BinderException as error:
        raise TweetbenchError(
            f"the lake holds columns of {table} that this version of tweetbench does not know",
            where=str(root),
            why=f"{str(error).splitlines()[0]}; this is tweetbench {__version__}",
            next_step="install the version that was at work on it last, or a later one; nothing was changed",
            exit_code=Exit.CONFIGURATION,
        ) from error
    return int(added)


def _log_file(settings: Settings) -> Path:
    return settings.warehouse_file.with_name(settings.warehouse_file.name + ".wal")


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise RuntimeError("an aggregate always has one row")
    return row
