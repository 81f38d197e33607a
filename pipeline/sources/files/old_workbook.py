"""Excel workbooks of 1997 to 2003 (.xls): what the file may hold before a parser builds anything of it.

Such a file is a small file system (OLE2) with a stream of records (BIFF). Nothing in it is packed, but a record of 14
bytes may place a cell at the far corner of a sheet, and a chain of sectors may run in a circle. Reading the cells
belongs to `workbook`.
"""

from collections.abc import Iterator
from pathlib import Path
from struct import Struct, error, unpack_from

from pipeline.errors import TweetbenchError

OLD_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_BYTES = 64 * 2**20  # a sheet has 65,536 rows at most; a year of LinkedIn has 50 kB
MOST_RECORDS = 5_000_000
CELLS_OF_A_SMALL_FILE = 1_000_000
MINI_SECTOR_BYTES = 64
_ENTRY_BYTES, _DIFAT_ENTRIES = 128, 109
_LAST_SECTOR = 0xFFFFFFFA  # from here on numbers of sectors are marks
_STREAMS = ("Workbook", "Book")
_BOF, _PASSWORD, _DIMENSIONS, _SHEET_AT = 0x0809, 0x002F, 0x0200, 0x0085
# Records that place cells: one cell at (row, column), or a row of them that ends with its last column.
_CELLS = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E}
_ROWS_OF_CELLS = {0x00BD, 0x00BE}
_RECORD = Struct("<HH")
_BYTES_SINCE_1997 = 14  # of the record with the size of a sheet; rows had two bytes before


def check_old_workbook(path: Path, shown_name: str, *, most_cells: int) -> None:
    """Refuse an .xls that is damaged, protected, or whose sheets span more cells than are read.

    Raises:
        TweetbenchError: with what is wrong.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise _refused(shown_name, f"it has more than {LARGEST_BYTES // 2**20} MB, which no .xls of a program has")
    try:
        stream = _workbook_stream(path.read_bytes())
        cells = _spanned_cells(stream)
    except (error, IndexError, ValueError) as problem:
        why = str(problem) if isinstance(problem, ValueError) and problem.args else "its parts do not fit together"
        raise _refused(shown_name, f"it is damaged or protected: {why}") from problem
    most_cells = min(
        most_cells, max(CELLS_OF_A_SMALL_FILE, len(stream))
    )  # a cell that is there takes two bytes or more
    if cells > most_cells:
        raise _refused(shown_name, f"its sheets span {cells:,} cells; in a file of its size {most_cells:,} are read")


def _workbook_stream(data: bytes) -> bytes:
    """The stream of records.

    Raises:
        ValueError: the file has none, or its sectors lead nowhere or in a circle.
    """
    size = 1 << unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError("it has sectors of an unknown size")
    (fat_count, first_directory), (cutoff, mini_first) = unpack_from("<II", data, 44), unpack_from("<II", data, 56)
    first_difat, difat_count = unpack_from("<II", data, 68)
    fat_sectors = list(unpack_from(f"<{_DIFAT_ENTRIES}I", data, 76))
    for _ in range(min(difat_count, len(data) // size)):
        more = unpack_from(f"<{size // 4}I", _sector(data, size, first_difat))
        fat_sectors += more[:-1]
        first_difat = more[-1]
    # Numbers of sectors that the file does not have lead nowhere: a table of more of them would only take memory.
    fat_count = min(fat_count, len(data) // size // (size // 4) + 1)
    used = [number for number in fat_sectors if number < _LAST_SECTOR][:fat_count]
    fat = [number for sector in used for number in unpack_from(f"<{size // 4}I", _sector(data, size, sector))]
    directory = _chain(data, size, fat, first_directory)
    entries = [directory[at : at + _ENTRY_BYTES] for at in range(0, len(directory), _ENTRY_BYTES)]
    by_name = {
        entry[: max(unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace"): entry
        for entry in reversed(entries)
    }
    found = next((by_name[name] for name in _STREAMS if name in by_name), None)
    if found is None:
        raise ValueError("it holds no workbook; a password may hide it")
    start, length = unpack_from("<II", found, 116)
    if length >= cutoff:
        return _chain(data, size, fat, start)[:length]
    # A stream of less than 4 kB lies in small sectors inside the stream of the root.
    root = _chain(data, size, fat, unpack_from("<I", entries[0], 116)[0])
    mini_size = 1 << unpack_from("<H", data, 32)[0]
    if mini_size != MINI_SECTOR_BYTES:
        raise ValueError("it has small sectors of an unknown size")
    mini = _chain(data, size, fat, mini_first)
    mini_fat = list(unpack_from(f"<{len(mini) // 4}I", mini))
    return _chain(root, mini_size, mini_fat, start, skipped=0)[:length]


def _chain(data: bytes, size: int, fat: list[int], start: int, *, skipped: int = 1) -> bytes:
    parts: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(parts) > len(fat):
            raise ValueError("its sectors run in a circle")
        parts.append(_sector(data, size, start, skipped=skipped))
        start = fat[start]
    return b"".join(parts)


def _sector(data: bytes, size: int, number: int, *, skipped: int = 1) -> bytes:
    at = (number + skipped) * size
    if at >= len(data):
        raise ValueError("its end is missing")
    return data[at : at + size].ljust(size, b"\0")


def _spanned_cells(stream: bytes) -> int:
    """Cells of the rectangles that the sheets span, as a parser would build them."""
    spans: list[tuple[int, int]] = []
    rows = columns = 0
    for kind, body in _records(stream):
        if kind == _PASSWORD:
            raise ValueError("it is protected with a password")
        if kind == _SHEET_AT and unpack_from("<I", body)[0] >= len(stream):
            raise ValueError("a sheet lies behind its end")
        if kind == _BOF:
            spans.append((rows, columns))
            rows = columns = 0
        elif kind == _DIMENSIONS:  # what a program says of a sheet, for which the parser makes room
            last_row, last_column = unpack_from("<4xI2xH" if len(body) >= _BYTES_SINCE_1997 else "<2xH2xH", body)
            rows, columns = max(rows, last_row), max(columns, last_column)
        elif (kind in _CELLS or kind in _ROWS_OF_CELLS) and len(body) >= 4:
            row, column = unpack_from("<HH", body)
            last = unpack_from("<H", body, len(body) - 2)[0] if kind in _ROWS_OF_CELLS else column
            rows, columns = max(rows, row + 1), max(columns, last + 1)
    return sum(high * wide for high, wide in [*spans, (rows, columns)])


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = count = 0
    while at + _RECORD.size <= len(stream):
        kind, length = _RECORD.unpack_from(stream, at)
        at += _RECORD.size
        if kind == length == 0 and not stream[at : at + 64].strip(b"\0"):
            return  # padding at the end
        if (count := count + 1) > MOST_RECORDS:
            raise ValueError(f"it has more than {MOST_RECORDS:,} records")
        yield kind, stream[at : at + length]
        at += length


def _refused(shown_name: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "this old Excel workbook (.xls) cannot be read",
        where=shown_name,
        why=why,
        next_step="export it again; or open it in a spreadsheet program, save it as .xlsx or CSV (UTF-8), then run: "
        "tweetbench ingest FILE",
    )
