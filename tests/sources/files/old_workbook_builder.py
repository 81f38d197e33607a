"""Builds Excel workbooks of 1997 (.xls) byte by byte: records (BIFF8) in a file system of sectors (OLE2).

Small enough to break on purpose in any place; what is built whole is read by calamine and by Excel's own rules.
"""

import struct
from collections.abc import Mapping, Sequence

SECTOR = 512
FREE, END, FAT_ITSELF = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOF, EOF, BOUNDSHEET, LABEL, NUMBER, FORMULA = 0x0809, 0x000A, 0x0085, 0x0204, 0x0203, 0x0006
Cells = Sequence[Sequence[object]]


def record(kind: int, body: bytes = b"") -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", kind, len(body)) + body


def cell(row: int, column: int, value: object) -> bytes:
    """A cell of text or of a number."""
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return record(NUMBER, place + struct.pack("<d", value))
    text = str(value)
    return record(LABEL, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))


def formula(row: int, column: int, result: float) -> bytes:
    """A cell with a formula, `=1`, and the result that the program stored."""
    return record(FORMULA, struct.pack("<HHHdHIH", row, column, 0, result, 0, 0, 3) + b"\x1e\x01\x00")


def sheet(cells: Cells) -> bytes:
    """The cell records of a sheet; empty cells are left out."""
    return b"".join(
        cell(row, column, value)
        for row, line in enumerate(cells)
        for column, value in enumerate(line)
        if value not in ("", None)
    )


def stream(sheets: Mapping[str, bytes], *, before: bytes = b"") -> bytes:
    """The stream of a workbook from the cell records of its sheets; `before` follows the first record."""
    names = {name: name.encode("latin-1") for name in sheets}
    opening = record(BOF, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 0)) + before
    at = len(opening) + sum(4 + 8 + len(name) for name in names.values()) + 4
    parts = []
    for name, cells in sheets.items():
        opening += record(BOUNDSHEET, struct.pack("<IHBB", at, 0, len(names[name]), 0) + names[name])
        parts.append(record(BOF, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 0)) + cells + record(EOF))
        at += len(parts[-1])
    return opening + record(EOF) + b"".join(parts)


def old_file(content: bytes, name: str = "Workbook") -> bytes:
    """A file system with one stream, which is filled up to the size from which streams have sectors of their own."""
    content = content.ljust(4096, b"\0")
    sectors = -(-len(content) // SECTOR)
    fat_sectors = -(-(sectors + 2) // (SECTOR // 4))
    while fat_sectors * (SECTOR // 4) < sectors + 1 + fat_sectors:
        fat_sectors += 1
    links = [FAT_ITSELF] * fat_sectors + [END]  # the table of sectors, then the directory
    first = len(links)
    links += [first + number + 1 for number in range(sectors - 1)] + [END]
    links += [FREE] * (fat_sectors * (SECTOR // 4) - len(links))
    root = _entry("Root Entry", 5, child=1, start=END, size=0)
    directory = root + _entry(name, 2, child=FREE, start=first, size=len(content)) + _entry("", 0) * 2
    header = START + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", fat_sectors, fat_sectors, 0, 4096, END, 0, END, 0, 0)
    header += struct.pack("<108I", *range(1, fat_sectors), *[FREE] * (109 - fat_sectors))
    body = content.ljust(sectors * SECTOR, b"\0")
    return header + struct.pack(f"<{len(links)}I", *links) + directory + body


def _entry(name: str, kind: int, *, child: int = FREE, start: int = 0, size: int = 0) -> bytes:
    letters = (name + "\0").encode("utf-16-le") if name else b""
    entry = letters.ljust(64, b"\0") + struct.pack("<HBBIII", len(letters), kind, 1, FREE, FREE, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)
