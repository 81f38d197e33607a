"""The published warehouse: an immutable, verified copy of the marts that readers open while the pipeline works.

`published/current` is a link to the folder of the newest version. The folder is linked, not the file: a BI server
caches a database by its resolved path and would answer from the old file for as long as it holds a connection.

Besides: `reader` opens a version, `files`, `workbook` and `postgres` copy one into other forms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import remove_folder, sync_file, sync_folder, unfinished
from pipeline.runtime.interrupts import interruptible
from pipeline.runtime.lease import require_lease
from pipeline.runtime.program import require_same_program
from pipeline.settings import Settings
from pipeline.transform.fingerprint import BASIS_FILE
from pipeline.warehouse import connection_options
from pipeline.warehouse.contents import content_of

# Files of this format open in every DuckDB from 1.4 on, which the drivers of BI tools still ship.
STORAGE_VERSION = "v1.4.0"
MARTS = "marts"
SEALED_FOLDER = 0o500

# Writes a report on a published file into a folder and returns what went wrong with the report itself.
WriteReport = Callable[[Path, Path], tuple[str, ...]]

PUBLISHED_COMMENT = "One row: which version of the warehouse this is and what made it"
PUBLISHED_COLUMNS = {
    "version": ("bigint", "Number of the published version"),
    "published_at": ("timestamptz", "UTC time of publication"),
    "run_id": ("varchar", "Run that published it"),
    "code_version": ("varchar", "Version of tweetbench that built it"),
    "is_demo": ("boolean", "True if the data is synthetic"),
}


@dataclass(frozen=True)
class Published:
    """A version that readers can open."""

    version: int
    folder: Path
    row_counts: dict[str, int]
    report_problems: tuple[str, ...] = ()


def publish(
    settings: Settings, *, run_id: str, now: datetime, basis: str, write_report: WriteReport | None = None
) -> Published:
    """Copy the marts into a new version, read it back in full, and make it the current one.

    Readers see the version before or the new one, never a part. Older versions beyond the number kept are removed.
    `basis` is what the marts were built from (see `pipeline.transform.fingerprint`); it lies next to the version.
    `write_report` adds the report to the version before anybody can open it; its problems are handed on and stop
    nothing.

    Raises:
        TweetbenchError: there is nothing to publish, the copy differs from the source, the lease was lost, or the
            disk refuses.
    """
    versions = settings.published_dir / "versions"
    versions.mkdir(mode=0o700, parents=True, exist_ok=True)
    version = 1 + max(published_versions(settings), default=0)
    folder = versions / f"v{version}"
    require_lease(settings.data_dir)
    for half in versions.glob(".v*.tmp"):  # of runs that were killed: nobody else writes while the lease is ours
        remove_folder(half)
    try:
        # Named after the run: one that lost its lease must not take the next one's copy away.
        with unfinished(versions / f".v{version}-{run_id}.tmp") as temporary:
            (temporary / "parquet").mkdir(mode=0o700, parents=True)
            copied = _copy(settings, temporary, (version, now, run_id, __version__, settings.is_demo))
            failpoint("publish.copied")
            _verify(temporary / "warehouse.duckdb", copied)
            problems = write_report(temporary / "warehouse.duckdb", temporary / "report") if write_report else ()
            (temporary / BASIS_FILE).write_text(basis, encoding="utf-8")
            for path in filter(Path.is_file, temporary.rglob("*")):
                sync_file(path)
                path.chmod(0o444)
            failpoint("publish.synced")
            require_lease(settings.data_dir)  # a run that lost its lease while it copied publishes nothing
            require_same_program()  # nor does one that the SQL or the report of another version may have come into
            temporary.chmod(SEALED_FOLDER)  # nothing can be put next to the file: a log there would change what it says
            temporary.rename(folder)
            sync_folder(versions)
        failpoint("publish.renamed")
    except OSError as error:
        raise TweetbenchError(
            f"the new version could not be written: {error.strerror or error}",
            where=str(versions),
            why="the disk is full or the folder is not writable; the previous version stays published",
            next_step="free some space, then run: tweetbench run",
            exit_code=Exit.IO,
        ) from error
    require_lease(settings.data_dir)
    _point_current_at(folder, settings)
    failpoint("publish.linked")
    _prune(settings)
    return Published(version, folder, {name: count for name, (count, _) in copied.items()}, problems)


def published_versions(settings: Settings) -> list[int]:
    """Numbers of the versions on disk, oldest first."""
    names = [path.name for path in (settings.published_dir / "versions").glob("v*")]
    return sorted(int(name[1:]) for name in names if name[1:].isdigit())


def _copy(
    settings: Settings, target: Path, published: tuple[int, datetime, str, str, bool]
) -> dict[str, tuple[int, int]]:
    """Copy every mart with keys and comments; returns rows and content hash by table, taken from the source."""
    with interruptible(duckdb.connect(":memory:", config=connection_options(settings))) as connection:
        connection.execute("set timezone = 'UTC'")
        source = _quote_text(str(settings.warehouse_file))
        file = _quote_text(str(target / "warehouse.duckdb"))
        connection.execute(f"attach {source} as source (read_only)")
        connection.execute(f"attach {file} as warehouse (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"create schema warehouse.{MARTS}")
        marts = connection.execute(
            "select table_name, sql, comment from duckdb_tables() "
            "where database_name = 'source' and schema_name = ? and not temporary order by table_name",
            [MARTS],
        ).fetchall()
        if not marts:
            raise TweetbenchError(
                "there are no marts to publish", where=str(settings.warehouse_file), next_step="tweetbench run"
            )
        # One question for all tables costs what it costs for one.
        listed = connection.execute(
            "select table_name, list((column_name, comment)) from duckdb_columns() "
            "where database_name = 'source' and schema_name = ? and comment is not null group by all",
            [MARTS],
        )
        columns: dict[str, list[tuple[str, str]]] = dict(listed.fetchall())
        connection.execute(f"use warehouse.{MARTS}")
        copied = {
            name: _copy_table(connection, name, sql, (comment, columns.get(name, [])), target)
            for name, sql, comment in marts
        }
        copied["published"] = _write_published(connection, published, target)
        connection.execute("use memory")
        connection.execute("detach warehouse")
        return copied


def _copy_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sql: str,
    comments: tuple[str | None, list[tuple[str, str]]],
    target: Path,
) -> tuple[int, int]:
    quoted = _quote_name(name)
    connection.execute("begin")  # or each comment would wait for the disk
    connection.execute(sql)
    # Ordered, so that the same rows always give the same file and readers can skip row groups.
    connection.execute(f"insert into {quoted} select * from source.{MARTS}.{quoted} order by all")
    _comment(connection, quoted, *comments)
    connection.execute("commit")
    _export_parquet(connection, quoted, target / "parquet" / f"{name}.parquet")
    return content_of(connection, f"source.{MARTS}.{quoted}")


def _write_published(
    connection: duckdb.DuckDBPyConnection, values: tuple[int, datetime, str, str, bool], target: Path
) -> tuple[int, int]:
    columns = ", ".join(f"{name} {kind} not null" for name, (kind, _) in PUBLISHED_COLUMNS.items())
    connection.execute(f"create table published ({columns})")
    connection.execute("insert into published values (?, ?, ?, ?, ?)", list(values))
    _comment(
        connection, "published", PUBLISHED_COMMENT, [(name, text) for name, (_, text) in PUBLISHED_COLUMNS.items()]
    )
    _export_parquet(connection, "published", target / "parquet" / "published.parquet")
    return content_of(connection, "published")


def _comment(
    connection: duckdb.DuckDBPyConnection, quoted: str, comment: str | None, columns: list[tuple[str, str]]
) -> None:
    statements = [f"comment on table {quoted} is {_quote_text(comment)};"] if comment else []
    statements += [
        f"comment on column {quoted}.{_quote_name(column)} is {_quote_text(text)};" for column, text in columns
    ]
    if statements:
        connection.execute("\n".join(statements))


def _export_parquet(connection: duckdb.DuckDBPyConnection, quoted: str, path: Path) -> None:
    connection.execute(f"copy {quoted} to {_quote_text(str(path))} (format parquet, compression zstd)")


def _verify(file: Path, expected: dict[str, tuple[int, int]]) -> None:
    if file.with_name(file.name + ".wal").exists():
        raise TweetbenchError("the copy was not closed cleanly", where=file.name, next_step="tweetbench run")
    with interruptible(duckdb.connect(str(file), read_only=True)) as connection:
        for name, content in expected.items():
            if content_of(connection, f"{MARTS}.{_quote_name(name)}") != content:
                raise TweetbenchError(
                    f"the copy of {name} does not read back as written",
                    where=str(file),
                    why="the disk or the database engine damaged it; the previous version stays published",
                    next_step="check the disk, then run: tweetbench run",
                    exit_code=Exit.IO,
                )


def _point_current_at(folder: Path, settings: Settings) -> None:
    link, temporary = settings.published_dir / "current", settings.published_dir / ".current.tmp"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path("versions") / folder.name, target_is_directory=True)
    temporary.replace(link)
    sync_folder(settings.published_dir)


def _prune(settings: Settings) -> None:
    for version in published_versions(settings)[: -settings.versions_kept]:
        remove_folder(settings.published_dir / "versions" / f"v{version}")


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quote_text(text: str) -> str:
    # ATTACH, COPY and COMMENT take no bound parameters.
    return "'" + text.replace("'", "''") + "'"
