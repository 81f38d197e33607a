"""Delimited text from people's tools, as a table of text cells: encodings, delimiters, ragged rows, NUL bytes.

`sheet` defines a table of any form; workbooks and SPSS files become one in `workbook` and `spss`. Knows
nothing about what the columns mean. Nothing is guessed silently: whatever is repaired or set aside is listed.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pipeline.errors import TweetbenchError
from pipeline.runtime.progress import counted_off
from pipeline.sources.files.records import Record
from pipeline.sources.files.sheet import Flag, SetAside, Sheet, above_flags, split_at
from pipeline.sources.files.table_header import LOOKED_AT, header_position
from pipeline.sources.files.text_file import TextFile, open_text

__all__ = [
    "MAX_CELL_CHARACTERS",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Flag",
    "Record",
    "SetAside",
    "Sheet",
    "read_sheet",
]

DELIMITERS = ",;\t|"
# A wider header is a broken or hostile file: a million columns abort common parsers.
MAX_COLUMNS = 5_000
MAX_ROWS = 5_000_000
MAX_CELL_CHARACTERS = 1_000_000
# 300 MB on one line take a parser most of a minute; five thousand names of a thousand characters are five.
MAX_HEADER_CHARACTERS = 5_000_000
LONGEST_LINE_BYTES = 4 * MAX_HEADER_CHARACTERS
SAMPLE_ROWS = 50
LONGEST_DECLARATION = 200
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=([^\r\n\"])\"?[,;\t| ]*(\r\n|\r|\n)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
BINARY_STARTS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PK\x05\x06": "an empty ZIP archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"$FL2": "an SPSS file",
}


def read_sheet(source: bytes | Path, name: str) -> Sheet:
    """Parse delimited text of any common encoding and delimiter, piece by piece.

    Raises:
        TweetbenchError: the file is empty, binary, too wide, or holds a cell of over a million characters.
    """
    text = _opened(source, name)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with text.open() as stream:
        declared = _SEPARATOR_LINE.match(stream.read(LONGEST_DECLARATION))
    above = declared[0] if declared else ""
    try:
        delimiter = declared[1] if declared else _best_delimiter(text)
        rows = _rows(text, delimiter, above)
        head = list(islice(rows, LOOKED_AT))
        if not head:
            raise TweetbenchError(
                "the file is empty", where=name, next_step="export it again, then run: tweetbench ingest FILE"
            )
        top = header_position([cells for _, cells in head])
        if (width := max(len(cells) for _, cells in head[top : top + 2])) > MAX_COLUMNS:
            raise TweetbenchError(
                f"the header has {width:,} columns; at most {MAX_COLUMNS:,} are read",
                where=name,
                next_step="export fewer columns, then run: tweetbench ingest FILE",
            )
        sheet = split_at(top, head, counted_off(rows, text.line_count, "opening"))
    except csv.Error as error:
        raise TweetbenchError(
            "the file is not a readable table",
            where=name,
            why=str(error),
            next_step="open it in a text editor and look for an unclosed quotation mark",
        ) from error
    return replace(sheet, encoding=text.encoding, delimiter=delimiter, flags=above_flags(sheet.above))


def _opened(source: bytes | Path, name: str) -> TextFile:
    """The text of a file that may be a table.

    Raises:
        TweetbenchError: it is a binary file, or has a header or a number of lines that no export has.
    """
    start = source[:LONGEST_LINE_BYTES] if isinstance(source, bytes) else _start_of(source)
    for mark, kind in BINARY_STARTS.items():
        if start.startswith(mark):
            raise TweetbenchError(
                f"this is {kind}, not a delimited text file",
                where=name,
                next_step="save it as CSV (UTF-8) or as .xlsx, then run: tweetbench ingest FILE",
            )
    if len(start) == LONGEST_LINE_BYTES and b"\n" not in start:
        raise TweetbenchError(
            f"the first line has over {LONGEST_LINE_BYTES:,} bytes",
            where=name,
            why=f"a header of at most {MAX_HEADER_CHARACTERS:,} characters is read",
            next_step="export it again: a table has one line per row",
        )
    text = open_text(source)
    _refuse_oversized(text, name)
    return text


def _start_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LONGEST_LINE_BYTES)


def _refuse_oversized(text: TextFile, name: str) -> None:
    """Stop before a parser sees a header or a number of rows that no export has."""
    with text.open() as stream:
        first = stream.readline(MAX_HEADER_CHARACTERS + 1)
    problem = ""
    if len(first) > MAX_HEADER_CHARACTERS:
        problem = f"the first line has over {MAX_HEADER_CHARACTERS:,} characters; so many are read at most"
    elif (width := max(first.count(each) for each in DELIMITERS) + 1) > 2 * MAX_COLUMNS:
        problem = f"the header has {width:,} columns; at most {MAX_COLUMNS:,} are read"
    elif text.line_count > MAX_ROWS:
        problem = f"the file has {text.line_count:,} lines; at most {MAX_ROWS:,} are read"
    if problem:
        raise TweetbenchError(problem, where=name, next_step="export it again, in parts if it is that large")


def _rows(text: TextFile, delimiter: str, above: str = "") -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows that are not blank, each with the line on which it ends.

    Args:
        text: the file.
        delimiter: what stands between cells.
        above: the beginning of the text that belongs to no row.
    """
    with text.open() as stream:
        stream.read(len(above))
        lines_above = len(_LINE_END.findall(above))
        reader = csv.reader(stream, delimiter=delimiter)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num + lines_above, tuple(cells)


def _best_delimiter(text: TextFile) -> str:
    """The delimiter that gives the widest header with the most rows of the same width; titles above it left out."""
    tables = {delimiter: _sample(text, delimiter) for delimiter in DELIMITERS}

    def score(delimiter: str, *, from_first_row: bool) -> tuple[float, int]:
        rows = tables[delimiter]
        rows = rows[0 if from_first_row else header_position(rows) :]
        width = len(rows[0]) if rows else 0
        same = sum(len(row) == width for row in rows) / max(len(rows), 1)
        return (same * width, width) if width > 1 and (same > 0.5 or not from_first_row) else (0, 0)

    best = max(DELIMITERS, key=lambda each: score(each, from_first_row=True))
    if score(best, from_first_row=True)[1]:
        return best
    return max(DELIMITERS, key=lambda each: score(each, from_first_row=False))


def _sample(text: TextFile, delimiter: str) -> list[tuple[str, ...]]:
    try:
        return [cells for _, cells in islice(_rows(text, delimiter), SAMPLE_ROWS)]
    except csv.Error:  # a wrong delimiter can leave a quotation mark open for the rest of a long file
        return []
