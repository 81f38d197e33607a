"""Rows that are too many to hold at once: made while they are read, or kept as Arrow blocks in a file.

Both have a length and can be read again and again, so that a reading of a million rows looks like one of ten. What rows
mean belongs to the sources, which columns a table has to `schemas`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Protocol

import pyarrow as pa

from pipeline.runtime.progress import counted_off
from pipeline.schemas import TABLES

Row = dict[str, Any]
BLOCK_ROWS = 20_000  # rows with their original record as payload take some 30 MB
STAMPED = ("source", "run_id")  # filled in by whoever commits
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


class Rows(Protocol):
    """Rows of one lake table."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Row]: ...


@dataclass(frozen=True)
class RowStream:
    """Rows that are made at each pass, always the same; `count` says how many there will be."""

    count: int
    make: Callable[[], Iterator[Row]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return self.make()

    def blocks(self, table: str) -> Iterator[pa.Table]:
        """The rows in blocks, made as they are asked for.

        Raises:
            ValueError: a row does not fit the table.
        """
        rows = iter(self)
        while block := list(islice(rows, BLOCK_ROWS)):
            yield to_block(table, block)


@dataclass(frozen=True)
class StoredRows:
    """Rows as an Arrow stream inside an open file; readable until the file is used for something else."""

    table: str
    count: int
    offset: int
    stream: IO[bytes] | None = None  # None on the way between two processes

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        for block in self.blocks():
            yield from block.to_pylist()

    def blocks(self, table: str = "") -> Iterator[pa.Table]:  # noqa: ARG002 - as those of a stream
        """The rows in blocks, each with the columns of the table but `source` and `run_id`."""
        if self.stream is None:
            raise ValueError("rows without their file cannot be read")
        self.stream.seek(self.offset)
        with pa.ipc.open_stream(pa.PythonFile(self.stream, mode="r")) as batches:
            for batch in batches:
                yield pa.Table.from_batches([batch])


def unstamped_schema(table: str) -> pa.Schema:
    """The columns of a lake table without those that whoever commits fills in."""
    return pa.schema([field for field in TABLES[table] if field.name not in STAMPED])


def to_block(table: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as an Arrow table with the columns of the lake table but `source` and `run_id`.

    Raises:
        ValueError: a row has an unknown column, or none in a column that needs one.
    """
    schema = unstamped_schema(table)
    known = set(TABLES[table].names)
    for row in rows:
        if unknown := row.keys() - known:
            raise ValueError(f"lake table {table} has no column {', '.join(sorted(unknown))}")
    return checked(table, pa.Table.from_pylist(rows, schema=schema))


def checked(table: str, block: pa.Table) -> pa.Table:
    """The block itself.

    Raises:
        ValueError: a column that needs a value in every row lacks one.
    """
    for column in block.schema:
        if not column.nullable and block[column.name].null_count:
            raise ValueError(f"lake table {table} needs a value in every row of {column.name}")
    return block


def store_rows(table: str, rows: Rows, stream: IO[bytes]) -> StoredRows:
    """Write rows at the end of an open file, block by block.

    Raises:
        ValueError: a row does not fit its table.
    """
    offset, count = stream.tell(), 0
    with pa.ipc.new_stream(pa.PythonFile(stream, mode="w"), unstamped_schema(table), options=_COMPRESSED) as writer:
        block: list[Row] = []
        for row in counted_off(rows, len(rows), f"writing {table}"):
            block.append(row)
            if len(block) == BLOCK_ROWS:
                writer.write_table(to_block(table, block))
                count += len(block)
                block = []
        writer.write_table(to_block(table, block))
        count += len(block)
    if count != len(rows):
        raise ValueError(f"{len(rows):,} rows of {table} were announced and {count:,} came")
    return StoredRows(table, count, offset)
