"""A text file of any common encoding, read piece by piece: its encoding, its number of lines, and a stream of its text.

Nothing here holds a whole file in memory, whatever its size. What the text means belongs to `tabular`.
"""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

PIECE_BYTES = 1 << 20
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE_BYTES = 4096
ZERO_SHARE = 0.3  # of the bytes of a UTF-16 file in Latin letters half are zero: every second one


@dataclass(frozen=True)
class TextFile:
    """Bytes, or a file of them, with the encoding in which all of them can be read."""

    source: bytes | Path
    encoding: str
    line_count: int

    def open(self) -> TextIO:
        """The text from its beginning; line ends stay as they are."""
        return io.TextIOWrapper(_stream(self.source), encoding=self.encoding, errors="replace", newline="")


def open_text(source: bytes | Path) -> TextFile:
    """The file with its encoding: byte-order mark first, then UTF-16 by its zero bytes, UTF-8, cp1252, Latin-1."""
    sample = next(_pieces(source), b"")[:SAMPLE_BYTES]
    marked = next((encoding for mark, encoding in MARKS if sample.startswith(mark)), None)
    if marked:
        return TextFile(source, marked, _count_lines(source, marked, "replace"))
    first, second = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 4 and max(first, second) > max(len(sample) * ZERO_SHARE, 4 * min(first, second)):
        encoding = "utf-16-le" if second > first else "utf-16-be"
        return TextFile(source, encoding, _count_lines(source, encoding, "replace"))
    for encoding in ("utf-8", "cp1252"):
        try:
            return TextFile(source, encoding, _count_lines(source, encoding, "strict"))
        except UnicodeDecodeError:
            continue
    return TextFile(source, "latin-1", _count_lines(source, "latin-1", "strict"))


def _count_lines(source: bytes | Path, encoding: str, errors: str) -> int:
    """Line feeds in the text.

    Raises:
        UnicodeDecodeError: the bytes are not of this encoding, if `errors` is strict.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    count = sum(decoder.decode(piece).count("\n") for piece in _pieces(source))
    return count + decoder.decode(b"", final=True).count("\n")


def _pieces(source: bytes | Path) -> Iterator[bytes]:
    with _stream(source) as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece


def _stream(source: bytes | Path) -> io.BytesIO | io.BufferedReader:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
