"""The pages of a Parquet file without their compression, dictionaries included: what lies in it, not what it says.

A page may hold a value that no row refers to any more; reading the rows would not show it.
Source of the layout: parquet-format, `parquet.thrift` (PageHeader) and Thrift's compact protocol.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

# Texts lie in one piece in pages of these encodings; others are read as values as well.
_IN_ONE_PIECE = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED", "DELTA_LENGTH_BYTE_ARRAY"}
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, 12
# Numbers of fields of PageHeader.
_UNPACKED_SIZE, _PACKED_SIZE, _VERSION_2 = 2, 3, 8
_DEFINITIONS, _REPETITIONS, _IS_PACKED = 5, 6, 7


def parquet_pages(stream: BinaryIO) -> Iterator[bytes]:
    """Every page of every column, unpacked; texts of encodings that share prefixes as values.

    Raises:
        pa.ArrowException: it is no Parquet file, or a page cannot be unpacked.
        ValueError, IndexError: a page header is damaged.
    """
    file = pq.ParquetFile(stream)
    for group in range(file.metadata.num_row_groups):
        for column in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(column)
            starts = [chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset]
            stream.seek(min(starts))
            yield from _pages(stream.read(chunk.total_compressed_size), chunk.compression)
            if not set(chunk.encodings) <= _IN_ONE_PIECE:
                values = file.read_row_group(group, columns=[chunk.path_in_schema])
                yield from buffers_of(values)


def buffers_of(table: pa.Table | pa.RecordBatch) -> Iterator[bytes]:
    """The bytes of every value of a table, nested ones and dictionaries included."""
    for column in table.columns:
        for array in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            yield from (buffer.to_pybytes() for buffer in array.buffers() if buffer is not None)
            if isinstance(array, pa.DictionaryArray):
                yield from (buffer.to_pybytes() for buffer in array.dictionary.buffers() if buffer is not None)


def _pages(data: bytes, compression: str) -> Iterator[bytes]:
    codec = None if compression == "UNCOMPRESSED" else pa.Codec("lz4_raw" if compression == "LZ4" else compression)
    at = 0
    while at < len(data):
        header, at = _struct(data, at)
        body, at = data[at : at + header[_PACKED_SIZE]], at + header[_PACKED_SIZE]
        second = header.get(_VERSION_2, {})
        # The levels of a page of version 2 stand before its values and are never packed.
        levels = second.get(_DEFINITIONS, 0) + second.get(_REPETITIONS, 0)
        if codec is None or not second.get(_IS_PACKED, True):
            yield body
        else:
            yield codec.decompress(body[levels:], decompressed_size=header[_UNPACKED_SIZE] - levels).to_pybytes()


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """A struct of Thrift's compact protocol as fields by number, and the place behind it."""
    fields: dict[int, Any] = {}
    number = 0
    while data[at]:
        step, kind = data[at] >> 4, data[at] & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _signed(data, at)
        fields[number], at = _value(data, at, kind)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in _BOOLEANS:
        return kind == _BOOLEANS[0], at
    if kind in _INTEGERS:
        return _signed(data, at)
    if kind == _STRUCT:
        return _struct(data, at)
    if kind == _BINARY:
        size, at = _number(data, at)
        return data[at : at + size], at + size
    if kind in {_BYTE, _DOUBLE}:
        return None, at + (1 if kind == _BYTE else 8)
    raise ValueError(f"a page header holds a value of kind {kind}, which no page header has")


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 128:
            return value, at


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _number(data, at)
    return (value >> 1) ^ -(value & 1), at
