"""Rows of a long panel: written to a temporary file block by block, and read again as often as a model needs them.

A block holds the rows of whole units, so that whatever a model adds up over units adds up over blocks. What is in a
block is decided by the caller.
"""

import pickle
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Generic, TypeVar

Block = TypeVar("Block")


class Spool(Generic[Block]):
    """Blocks in the order in which they came, one of them in memory at a time.

    A single block stays in memory. More go to a file in the folder for temporary files (TMPDIR) that has no name there:
    it vanishes with the spool, also when the process is killed.
    """

    def __init__(self) -> None:
        self._single: Block | None = None
        self._file: IO[bytes] | None = None
        self._starts: list[int] = []

    def __len__(self) -> int:
        return len(self._starts) + (self._single is not None)

    def append(self, block: Block) -> None:
        """Add a block. Raises OSError where there is no room for the file."""
        if not len(self):
            self._single = block
            return
        if self._single is not None:
            first, self._single = self._single, None
            self._write(first)
        self._write(block)

    def __iter__(self) -> Iterator[Block]:
        if self._single is not None:
            yield self._single
        for start in self._starts:
            yield self._read(start)

    def _write(self, block: Block) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
            weakref.finalize(self, self._file.close)
        self._starts.append(self._file.seek(0, 2))
        pickle.dump(block, self._file, protocol=5)

    def _read(self, start: int) -> Block:
        if self._file is None:
            raise RuntimeError("the file of the spool is gone")
        self._file.seek(start)
        block: Block = pickle.load(self._file)  # noqa: S301 - nobody else can reach a file without a name
        return block
