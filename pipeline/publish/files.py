"""Marts as CSV or Parquet files: one file for each mart in a folder that appears as a whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.marts import Mart, Version, flat_expression, safe_expression, select
from pipeline.runtime.files import unfinished

BATCH_ROWS = 50_000


def write_csv_files(connection: duckdb.DuckDBPyConnection, marts: list[Mart], version: Version, target: Path) -> None:
    """Write `<mart>.csv` for each mart: UTF-8, a header, times in UTC, null empty and an empty text as two quotes.

    Texts that a spreadsheet program would run get an apostrophe in front. Ids are digits as they are: a program that
    guesses types must learn that they are text, which the note in the folder says.
    """
    with _new_folder(target) as folder:
        for mart in marts:
            query = select(mart, [safe_expression(column) for column in mart.columns])
            reader = connection.execute(query).to_arrow_reader(BATCH_ROWS)
            with pa.csv.CSVWriter(folder / f"{mart.name}.csv", reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)
        _write_note(folder, marts, version)


def write_parquet_files(
    connection: duckdb.DuckDBPyConnection, marts: list[Mart], version: Version, target: Path
) -> None:
    """Write `<mart>.parquet` for each mart, with every description in the metadata of its field."""
    with _new_folder(target) as folder:
        for mart in marts:
            reader = connection.execute(
                select(mart, [flat_expression(column) for column in mart.columns])
            ).to_arrow_reader(BATCH_ROWS)
            described = [
                field.with_metadata({"description": column.description})
                for field, column in zip(reader.schema, mart.columns, strict=True)
            ]
            schema = pa.schema(described, metadata={"description": mart.description, "version": version.name})
            with pa.parquet.ParquetWriter(folder / f"{mart.name}.parquet", schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        _write_note(folder, marts, version)


def refuse_existing(target: Path, *, replace: bool) -> None:
    """Stop before anything is overwritten.

    Raises:
        TweetbenchError: the target exists and may not be replaced.
    """
    if target.exists() and not replace:
        raise TweetbenchError(
            f"{target.name} already exists",
            where=str(target.parent.resolve()),
            why="an export never overwrites a file unasked",
            next_step="add --replace, or give another path with --to",
            exit_code=Exit.USAGE,
        )


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of the target when the block ends well."""
    half = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700, parents=True)
    with unfinished(half) as folder:
        yield folder
        for path in folder.iterdir():
            path.chmod(0o600)
        if target.is_dir():
            shutil.rmtree(target)
        folder.rename(target)


def _write_note(folder: Path, marts: list[Mart], version: Version) -> None:
    lines = list(about_lines(version))
    lines += ["", "Read id columns as text: a program that turns them into numbers loses their last digits.", ""]
    lines += [f"{mart.name} ({mart.row_count:,} rows): {mart.description}" for mart in marts]
    (folder / "README.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def about_lines(version: Version) -> list[str]:
    """What a reader of any exported file must know, as sentences."""
    demo = ["DEMO: all of this is invented. No real business is in it."] if version.is_demo else []
    return [
        *demo,
        f"tweetbench, published version {version.number} of {version.published_at:%Y-%m-%d %H:%M} UTC",
        "Null (an empty cell) means not reported; zero means reported zero. Times are UTC. Shares run from 0 to 1.",
        "A text that a spreadsheet program would run as a formula (it begins with = + - @, a tab or a carriage "
        "return) has an apostrophe in front that is not part of it.",
    ]
