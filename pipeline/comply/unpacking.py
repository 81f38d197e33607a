"""Everything that lies in a file, unpacked where it is packed. What is looked for in it is not known here.

Known: Parquet pages, values of DuckDB and SQLite files, members of ZIPs and workbooks (also one inside another), gzip,
Zstandard, bzip2 and xz. A file of any other kind is its bytes.
"""

import bz2
import gzip
import io
import lzma
import mmap
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import pyarrow as pa

from pipeline.comply.parquet_pages import buffers_of, parquet_pages
from pipeline.runtime.interrupts import interruptible
from pipeline.warehouse import NO_EXTENSIONS

SQLITE, ZIP = b"SQLite format 3\x00", b"PK\x03\x04"
_PARQUET, _DUCKDB, _DUCKDB_AT = b"PAR1", b"DUCK", 8
_GZIP, _BZIP2, _XZ, _ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"
_PACKED = (_PARQUET, ZIP, _GZIP, _BZIP2, _XZ, _ZSTANDARD)
_PIECE, _OVERLAP = 8 << 20, 256 << 10  # a text is shorter than the overlap
_DEEPEST = 4
# What a file may unpack to: the largest that ingest accepts, ten times. A bomb in quarantine/ ends here, not the disk.
LARGEST_BYTES = 10 << 30
_DUCKDB_OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    **NO_EXTENSIONS,
}
_FAILURES = (
    OSError, EOFError, ValueError, IndexError, RuntimeError, NotImplementedError, MemoryError,
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, pa.ArrowException, duckdb.Error, sqlite3.Error,
)  # fmt: skip


class CannotUnpackError(Exception):
    """A file that is packed but damaged, locked or a bomb: nobody can tell what is in it."""


def is_packed(path: Path) -> bool:
    """True for a file that cannot be read and cut as text."""
    with path.open("rb") as stream:
        start = stream.read(16)
    return start == SQLITE or start[_DUCKDB_AT:].startswith(_DUCKDB) or start.startswith(_PACKED)


def contents(path: Path) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a file, then what they unpack to, piece by piece.

    Raises:
        CannotUnpackError: it is packed and cannot be unpacked; its own bytes have been given by then.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(16)
        if not start:
            return
        stream.seek(0)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as raw:
            yield raw
        left = LARGEST_BYTES
        try:
            if start[_DUCKDB_AT:].startswith(_DUCKDB):
                yield from _duckdb_values(path)
            elif start == SQLITE:
                yield from _sqlite_values(path)
            else:
                for piece in _unpacked(stream, start, 0):
                    left -= len(piece)
                    if left < 0:
                        raise ValueError(f"it unpacks to more than {LARGEST_BYTES:,} bytes")
                    yield piece
        except _FAILURES as error:
            raise CannotUnpackError(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def _unpacked(stream: BinaryIO, start: bytes, depth: int) -> Iterator[bytes]:
    """What a stream unpacks to; nothing where it is not packed."""
    stream.seek(0)
    unpack: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
        _GZIP: lambda packed: cast("BinaryIO", gzip.GzipFile(fileobj=packed)),
        _BZIP2: lambda packed: cast("BinaryIO", bz2.BZ2File(packed)),
        _XZ: lambda packed: cast("BinaryIO", lzma.LZMAFile(packed)),  # noqa: SIM115 - as the others
        _ZSTANDARD: lambda packed: cast("BinaryIO", pa.CompressedInputStream(pa.PythonFile(packed), "zstd")),
    }
    if depth > _DEEPEST:
        raise ValueError("archives inside archives, too deep")
    if start.startswith(_PARQUET):
        yield from parquet_pages(stream)
    elif start.startswith(ZIP):
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                yield member.filename.encode("utf-8", "surrogatepass")
                with archive.open(member) as inner:
                    yield from _pieces(cast("BinaryIO", inner), depth)
    else:
        for magic, opened in unpack.items():
            if start.startswith(magic):
                yield from _pieces(opened(stream), depth)


def _pieces(stream: BinaryIO, depth: int) -> Iterator[bytes]:
    """A stream in pieces that overlap, and what it unpacks to if it is packed itself."""
    piece = stream.read(_PIECE)
    start = piece[:16]
    if start.startswith(_PACKED):
        # Packed inside packed is rare and small; it is held in memory, because it cannot be read in one go.
        whole = piece + stream.read(LARGEST_BYTES >> 4)
        yield whole
        yield from _unpacked(io.BytesIO(whole), start, depth + 1)
        return
    while piece:
        yield piece
        more = stream.read(_PIECE)
        piece = piece[-_OVERLAP:] + more if more else b""


def _duckdb_values(path: Path) -> Iterator[bytes]:
    """Every value of every table, without the compression of the blocks; free blocks are seen as bytes only."""
    with interruptible(duckdb.connect(str(path), read_only=True, config=_DUCKDB_OPTIONS)) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            connection.execute(f"select * from {_quoted(schema)}.{_quoted(table)}")  # noqa: S608 - the catalogue's names
            for batch in connection.to_arrow_reader(65_536):
                yield from buffers_of(batch)


def names_any(file: Path, asked: Mapping[str, list[str]]) -> bool:
    """True if a table of a DuckDB file has one of the values in a column of that name, or if it cannot be read."""
    try:
        with interruptible(duckdb.connect(str(file), read_only=True, config=_DUCKDB_OPTIONS)) as connection:
            found = connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() where column_name in ? "
                "and not internal",
                [list(asked)],
            ).fetchall()
            return any(
                connection.execute(
                    f"select 1 from {_quoted(schema)}.{_quoted(table)} where {column} in ? limit 1",  # noqa: S608
                    [asked[column]],
                ).fetchone()
                for schema, table, column in found
                if asked[column]
            )
    except duckdb.Error:
        return True


def _sqlite_values(path: Path) -> Iterator[bytes]:
    """Every value of every table: a long one is cut into pages, which its bytes in the file do not show."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f"select * from {_quoted(name.decode())}"):  # noqa: S608 - the file's names
                yield b"\n".join(value for value in row if isinstance(value, bytes))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
