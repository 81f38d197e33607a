"""Are the databases whole? Every published version and the build warehouse, read from the first block to the last."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipeline.errors import Exit, TweetbenchError
from pipeline.maintain.integrity_finding import IntegrityFinding
from pipeline.runtime.interrupts import interruptible
from pipeline.settings import Settings
from pipeline.warehouse import NO_EXTENSIONS, connect, read_every_table
from pipeline.warehouse.contents import content_of

_VERSION = re.compile(r"v\d+")


def version_folders(settings: Settings) -> list[Path]:
    """Folders of the published versions, oldest first."""
    folders = [path for path in (settings.published_dir / "versions").glob("v*") if _VERSION.fullmatch(path.name)]
    return sorted(folders, key=lambda path: int(path.name[1:]))


def check_databases(settings: Settings) -> Iterator[IntegrityFinding]:
    """What is wrong with the published versions, the link to the current one and the build warehouse."""
    for folder in version_folders(settings):
        yield from _version(folder)
    yield from _current(settings)
    yield from _warehouse(settings)


def _version(folder: Path) -> Iterator[IntegrityFinding]:
    """A published version: its database read in full, and every table compared with its Parquet copy."""
    where, step = f"versions/{folder.name}", "tweetbench rebuild   (publishes a new version from the lake)"
    what = "a published version is damaged"
    for log in folder.glob("*.wal"):
        why = "somebody opened the published file for writing; no reader can open it any more"
        yield IntegrityFinding("published", f"{where}/{log.name}", what, why, "tweetbench doctor --fix")
        return
    file = str(folder / "warehouse.duckdb")
    try:
        with interruptible(duckdb.connect(file, read_only=True, config=NO_EXTENSIONS)) as connection:
            names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            for (name,) in sorted(names):
                copy = folder / "parquet" / f"{name}.parquet"
                stored = content_of(connection, f'marts."{name}"')
                if stored != content_of(connection, "read_parquet(?)", [str(copy)]):
                    yield IntegrityFinding(
                        "published", f"{where}/parquet/{copy.name}", what, "it differs from the table", step
                    )
    except duckdb.Error as error:
        yield IntegrityFinding("published", where, what, str(error).splitlines()[0], step)


def _current(settings: Settings) -> Iterator[IntegrityFinding]:
    link = settings.published_dir / "current"
    if link.is_symlink() and not link.exists():
        step = "tweetbench rebuild"
        yield IntegrityFinding("published", "current", "the current version is gone", f"no {link.readlink()}", step)


def _warehouse(settings: Settings) -> Iterator[IntegrityFinding]:
    if not settings.warehouse_file.exists():
        return
    try:
        with connect(settings, read_only=True) as connection:
            read_every_table(connection)
    except (TweetbenchError, duckdb.Error) as error:
        if isinstance(error, TweetbenchError) and error.exit_code is Exit.BUSY:
            return
        why = error.why if isinstance(error, TweetbenchError) else str(error).splitlines()[0]
        step = "tweetbench rebuild   (nothing is lost: it is built from the lake)"
        yield IntegrityFinding("warehouse", settings.warehouse_file.name, "the build warehouse is damaged", why, step)
