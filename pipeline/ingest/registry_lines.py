"""Lines added to the text of accounts.csv; every other line stays as its owner wrote it. Pure.

A file without a column that is needed gets it at the right end, where it moves nothing.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from pipeline.sources.files.profile_columns import column_key
from pipeline.sources.files.sheet import Sheet

# An account can be listed without the others.
NEEDED = ("platform", "handle", "company", "is_own")
# What spreadsheet programs take for the beginning of a formula.
FORMULA_STARTS = "=+-@\t\r"


def with_lines(data: bytes, sheet: Sheet, accounts: Sequence[Mapping[str, str]]) -> bytes:
    """The file with a line for each account, values by column name; the file's own encoding, delimiter and line ends.

    Where the encoding cannot write a new value the file becomes UTF-8.
    """
    text = data.decode(sheet.encoding)
    line_end = "\r\n" if "\r\n" in text else "\n"
    keys = [column_key(name) for name in sheet.header]
    added = [name for name in NEEDED if name not in keys and any(each.get(name) for each in accounts)]
    if added:
        text = "".join(_widened(text, sheet, added))
    text += "" if text.endswith(("\n", "\r")) else line_end
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=sheet.delimiter, lineterminator=line_end)
    writer.writerows([_cell(name, each.get(name, "")) for name in (*keys, *added)] for each in accounts)
    whole = text + stream.getvalue()
    try:
        return whole.encode(sheet.encoding)
    except UnicodeEncodeError:
        return whole.encode("utf-8-sig")


def _widened(text: str, sheet: Sheet, added: Sequence[str]) -> Iterator[str]:
    """Records with further cells at their end: the names in the header, blanks in all below that are as wide."""
    header_found = False
    for raw, cells in _records(text, sheet.delimiter):
        names = tuple(cell.replace("\ufeff", "").strip() for cell in cells)
        is_header = not header_found and names == sheet.header
        body = raw.rstrip("\r\n")
        if is_header:
            yield body + "".join(sheet.delimiter + name for name in added) + raw[len(body) :]
        elif header_found and len(cells) == len(sheet.header):
            yield body + sheet.delimiter * len(added) + raw[len(body) :]
        else:
            yield raw
        header_found = header_found or is_header


def _records(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Records as they are written, line ends inside of quotation marks included, each with its cells."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=delimiter)
    start = 0
    for cells in reader:
        yield "".join(lines[start : reader.line_num]), cells
        start = reader.line_num


def _cell(name: str, value: str) -> str:
    """A value as a cell that no spreadsheet program runs; a handle of digits needs its @ to be no id."""
    if name == "handle":
        return f"@{value}" if value.isdigit() else value
    # A platform's name of an account may hold what a terminal obeys, and people look at the file in one.
    shown = "".join(each for each in value if unicodedata.category(each) != "Cc")
    return shown.lstrip(FORMULA_STARTS)
