"""The data rows of a table: few as they are, many by column, so that a million rows of forty cells fit into memory.

A cell of Python costs fifty bytes and more; in a column of Arrow it costs its characters, and a text that recurs once.
What a table is and how it is read belongs to `tabular`.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import overload

import pyarrow as pa

BLOCK_ROWS = 20_000
FEW_CELLS = 400_000  # up to here rows stay as they are: 30 MB at most
# A column is kept as a dictionary where its first block has at most this share of distinct texts.
DISTINCT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Record:
    """One data row with the line of the file on which it ends."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _Block:
    lines: "array[int]"
    columns: tuple[pa.Array, ...]

    def texts(self, position: int) -> list[str]:
        column = self.columns[position]
        if isinstance(column, pa.DictionaryArray):
            words = column.dictionary.to_numpy(zero_copy_only=False)
            taken: list[str] = words[column.indices.to_numpy()].tolist()
            return taken
        plain: list[str] = column.to_numpy(zero_copy_only=False).tolist()
        return plain

    def records(self) -> Iterator[Record]:
        cells = zip(*(self.texts(position) for position in range(len(self.columns))), strict=True)
        return map(Record, self.lines, cells)


@dataclass(frozen=True)
class StoredRecords(Sequence[Record]):
    """Rows by column in blocks; each pass makes the rows again, and none of them stays."""

    blocks: tuple[_Block, ...]
    first: int = 0  # rows before this one are left out

    def __len__(self) -> int:
        return sum(len(block.lines) for block in self.blocks) - self.first

    def __iter__(self) -> Iterator[Record]:
        rows = chain.from_iterable(block.records() for block in self.blocks)
        for _ in range(self.first):
            next(rows)
        return rows

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | Sequence[Record]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if stop == len(self) and step == 1:
                return StoredRecords(self.blocks, self.first + start)
            return tuple(self[each] for each in range(start, stop, step))
        place = self.first + (at if at >= 0 else len(self) + at)
        if at >= len(self) or place < self.first:
            raise IndexError("the table has no such row")
        for block in self.blocks:
            if place < len(block.lines):
                return Record(block.lines[place], tuple(column[place].as_py() for column in block.columns))
            place -= len(block.lines)
        raise IndexError("the table has no such row")

    def column(self, position: int) -> list[str]:
        """The cells of one column, without making rows."""
        return list(chain.from_iterable(block.texts(position) for block in self.blocks))[self.first :]


Records = tuple[Record, ...] | StoredRecords


def column_of(records: Sequence[Record], position: int) -> list[str]:
    """The cells of one column of some rows."""
    if isinstance(records, StoredRecords):
        return records.column(position)
    return [record.cells[position] for record in records]


@dataclass
class RecordStore:
    """Takes rows one by one and keeps them in the form that suits their number."""

    width: int
    _rows: list[Record] = field(default_factory=list)
    _blocks: list[_Block] = field(default_factory=list)
    _recurring: tuple[bool, ...] = ()

    def add(self, line: int, cells: tuple[str, ...]) -> None:
        """Keep one row of as many cells as the table is wide."""
        self._rows.append(Record(line, cells))
        if len(self._rows) >= BLOCK_ROWS and (self._blocks or len(self._rows) * self.width > FEW_CELLS):
            self._pack()

    def finish(self) -> Records:
        """All rows that were added."""
        if not self._blocks and len(self._rows) * self.width <= FEW_CELLS:
            return tuple(self._rows)
        self._pack()
        return StoredRecords(tuple(self._blocks))

    def _pack(self) -> None:
        rows, self._rows = self._rows, []
        for start in range(0, len(rows), BLOCK_ROWS):
            part = rows[start : start + BLOCK_ROWS]
            texts = [list(column) for column in zip(*(record.cells for record in part), strict=True)]
            if not self._recurring:
                self._recurring = tuple(len(set(column)) <= DISTINCT_SHARE * len(column) for column in texts)
            columns = (
                pa.array(column, pa.string()).dictionary_encode() if recurs else pa.array(column, pa.string())
                for column, recurs in zip(texts, self._recurring, strict=True)
            )
            self._blocks.append(_Block(array("q", (record.line for record in part)), tuple(columns)))
