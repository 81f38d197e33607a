"""Delimited text from people's tools, as a table of text cells: encodings, delimiters, ragged rows, NUL bytes.

Knows nothing about what the columns mean. Nothing is guessed silently: whatever is repaired or set aside is listed.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pipeline.errors import TweetbenchError

DELIMITERS = ",;\t|"
# A wider header is a broken or hostile file: a million columns abort common parsers.
MAX_COLUMNS = 5_000
MAX_CELL_CHARACTERS = 1_000_000
SAMPLE_ROWS = 50
BINARY_STARTS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PK\x05\x06": "an empty ZIP archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"$FL2": "an SPSS file",
}


@dataclass(frozen=True)
class Record:
    """One data row with the line of the file on which it ends."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SetAside:
    """A row that was not used, with the reason."""

    line: int
    problem: str
    detail: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A delimited file: its first row, the rows that have the same width, and those set aside."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    set_aside: tuple[SetAside, ...]
    encoding: str
    delimiter: str

    @property
    def uses_decimal_comma(self) -> bool:
        """Semicolon-delimited files come from locales that write 0,5 for a half."""
        return self.delimiter == ";"

    def normalised_header(self) -> tuple[str, ...]:
        """Header names in lower case with single spaces, for comparison."""
        return tuple(" ".join(name.split()).casefold() for name in self.header)


def read_sheet(data: bytes, name: str) -> Sheet:
    """Parse delimited text of any common encoding and delimiter.

    Raises:
        TweetbenchError: the file is empty, binary, too wide, or holds a cell of over a million characters.
    """
    for start, kind in BINARY_STARTS.items():
        if data.startswith(start):
            raise TweetbenchError(
                f"this is {kind}, not a delimited text file",
                where=name,
                next_step="save it as CSV (UTF-8), then run: tweetbench ingest FILE",
            )
    text, encoding = decode(data)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        delimiter = _best_delimiter(text)
        rows = list(_rows(text, delimiter))
    except csv.Error as error:
        raise TweetbenchError(
            "the file is not a readable table",
            where=name,
            why=str(error),
            next_step="open it in a text editor and look for an unclosed quotation mark",
        ) from error
    if not rows:
        raise TweetbenchError(
            "the file is empty", where=name, next_step="export it again, then run: tweetbench ingest FILE"
        )
    _, header = rows[0]
    if len(header) > MAX_COLUMNS:
        raise TweetbenchError(f"the header has {len(header):,} columns; at most {MAX_COLUMNS:,} are read", where=name)
    return _split(header, rows[1:], encoding, delimiter)


def decode(data: bytes) -> tuple[str, str]:
    """Text and encoding: byte-order mark first, then UTF-16 by its zero bytes, UTF-8, cp1252, Latin-1."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    sample = data[:4096]
    if len(sample) >= 4 and sample.count(0) > len(sample) * 0.3:
        encoding = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return data.decode(encoding, errors="replace"), encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, tuple(cells)


def _best_delimiter(text: str) -> str:
    """The delimiter that gives the widest header with the most rows of the same width."""

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for _, cells in islice(_rows(text, delimiter), SAMPLE_ROWS)]
        except csv.Error:  # a wrong delimiter can leave a quotation mark open for the rest of a long file
            return 0, 0
        if not widths or widths[0] == 1:
            return 0, 0
        same = sum(width == widths[0] for width in widths) / len(widths)
        return same * widths[0], widths[0]

    return max(DELIMITERS, key=score)


def _split(header: tuple[str, ...], rows: list[tuple[int, tuple[str, ...]]], encoding: str, delimiter: str) -> Sheet:
    width = len(header)
    records, set_aside = [], []
    for line, cells in rows:
        clean = tuple(cell.replace("\x00", "") for cell in cells)
        trimmed = clean[:width] if len(clean) > width and not any(clean[width:]) else clean
        if len(trimmed) != width:
            detail = f"{len(cells)} cells where the header has {width}"
            set_aside.append(SetAside(line, "ragged_row", detail, clean))
            continue
        records.append(Record(line, trimmed))
    names = tuple(name.replace("\x00", "").strip() for name in header)
    return Sheet(names, tuple(records), tuple(set_aside), encoding, delimiter)
