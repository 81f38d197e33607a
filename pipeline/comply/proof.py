"""Proof that nothing was left: every file is searched for the words that were erased, packed ones after unpacking."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.comply.copies import spellings
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.tombstones import Tombstones
from pipeline.verify_databases import version_folders
from pipeline.warehouse import connection_options

# Every file is searched for every needle; beyond so many, an even sample of them.
MOST_NEEDLES = 500
# In databases every value is searched for every needle, because a repost holds another's words inside its own.
MOST_IN_DATABASES = 200
PACKED = {".parquet", ".duckdb"}
TEXT_COLUMNS = """
select table_schema, table_name, column_name from information_schema.columns
where data_type in ('VARCHAR', 'VARCHAR[]')
"""


@dataclass(frozen=True)
class Proof:
    """What was searched, and where something was still found."""

    file_count: int
    byte_count: int
    needle_count: int
    found_in: tuple[str, ...]


def search(settings: Settings, tombstones: Tombstones, needles: set[str]) -> Proof:
    """Look for the needles in every file of the data folder, and for uncleaned rows in the lake.

    Plain files are searched byte by byte. Parquet and DuckDB compress texts, so their values are read and compared.
    """
    step = max(1, len(needles) // MOST_NEEDLES)
    chosen = sorted(needles)[::step]
    told = [spelling.encode() for needle in chosen for spelling in spellings(needle)]
    found, count, size = [], 0, 0
    own = {settings.accounts_file, settings.surveys_dir, settings.mappings_dir}
    for path in sorted(settings.data_dir.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.parent in own or path in own:
            continue  # the person's own lists: theirs to change
        count, size = count + 1, size + path.stat().st_size
        if path.suffix in PACKED:
            continue
        data = path.read_bytes()
        if any(needle in data for needle in told):
            found.append(path.relative_to(settings.data_dir).as_posix())
    found += _uncleaned(Lake(settings.lake_dir), tombstones)
    # The build warehouse was thrown away and loaded from the lake that has just been searched.
    for folder in version_folders(settings):
        found += [f"{folder.name}/warehouse.duckdb {place}" for place in _in_database(settings, folder, chosen)]
    return Proof(count, size, len(chosen), tuple(found))


def _uncleaned(lake: Lake, tombstones: Tombstones) -> Iterator[str]:
    """Lake files, those that no entry names included, with a row that a tombstone is about."""
    named = {file.path: file for commit in lake.commits() for file in commit.files}
    for path in sorted(lake.root.rglob("*.parquet")):
        shown = path.relative_to(lake.root).as_posix()
        if shown not in named:
            yield f"lake/{shown}, which no commit names"
            continue
        try:
            table = lake.read_file(named[shown])
            if tombstones.clean_table(named[shown].table, table) is not table:
                yield f"lake/{shown}"
        except (TweetbenchError, pa.ArrowException):
            yield f"lake/{shown}, which cannot be read"


def _in_database(settings: Settings, folder: Path, needles: list[str]) -> Iterator[str]:
    """Columns of a published version in which a needle stands."""
    if not needles:
        return
    few = needles[:: max(1, len(needles) // MOST_IN_DATABASES)]
    options = connection_options(settings)
    try:
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True, config=options) as connection:
            for schema, table, column in connection.execute(TEXT_COLUMNS).fetchall():
                query = (
                    f'select 1 from "{schema}"."{table}" as t, (select unnest(?::varchar[]) as needle) '  # noqa: S608
                    f'where contains(t."{column}"::varchar, needle) limit 1'  # names are the catalogue's
                )
                if connection.execute(query, [few]).fetchone():
                    yield f"{schema}.{table}.{column}"
    except duckdb.Error as error:
        yield f"cannot be read: {str(error).splitlines()[0]}"
