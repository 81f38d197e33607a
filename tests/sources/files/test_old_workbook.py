"""Old Excel workbooks (.xls), whole and broken: what is whole is read, and a broken one is refused with its reason."""

import random
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.workbook import read_workbook, sheet_names
from tests.sources.files.old_workbook_builder import (
    END,
    LABEL,
    NUMBER,
    SECTOR,
    START,
    cell,
    formula,
    old_file,
    record,
    sheet,
    stream,
)

ROWS = [["Date", "Total followers"], *([f"03/{day:02}/2026", day - 2] for day in range(1, 29))]
WHOLE = stream({"New followers": sheet(ROWS), "Location": sheet([["Location", "Total followers"], ["Berlin", 3]])})
PASSWORD, STRINGS, STRING_AT, DIMENSIONS, ROW_OF_NUMBERS = 0x002F, 0x00FC, 0x00FD, 0x0200, 0x00BD


def save(folder: Path, content: bytes) -> Path:
    path = folder / "export.xls"
    path.write_bytes(content)
    return path


def in_a_circle(content: bytes) -> bytes:
    """The last sector leads back to the first of the stream."""
    links = list(struct.unpack_from("<128I", content, SECTOR))
    links[max(at for at, link in enumerate(links) if link == END)] = 2
    return content[:SECTOR] + struct.pack("<128I", *links) + content[2 * SECTOR :]


def sheet_behind_the_end(content: bytes) -> bytes:
    at = content.index(struct.pack("<H", 0x0085)) + 4
    return content[:at] + struct.pack("<I", 2**31 - 1) + content[at + 4 :]


def with_cells(cells: bytes, *, before: bytes = b"") -> bytes:
    return old_file(stream({"Sheet": sheet(ROWS) + cells}, before=before))


def test_sheets_and_cells_of_a_whole_file_are_read(tmp_path: Path) -> None:
    path = save(tmp_path, old_file(WHOLE))
    assert sheet_names(path, "export.xls") == ("New followers", "Location")
    read = read_workbook(path, "export.xls")
    assert (len(read.records), read.records[0].cells, read.records[27].cells) == (
        *(28, ("03/01/2026", "-1"), ("03/28/2026", "26")),
    )


def test_a_formula_shows_what_the_program_computed(tmp_path: Path) -> None:
    cells = sheet([["Date", "Total followers"], ["03/01/2026"]]) + formula(1, 1, 41.0)
    read = read_workbook(save(tmp_path, old_file(stream({"Sheet": cells}))), "export.xls")
    assert read.records[0].cells == ("03/01/2026", "41")


def with_header(content: bytes, **fields: tuple[str, int]) -> bytes:
    """The file with other numbers in its header, each at its place."""
    header = bytearray(content)
    for place, (form, value) in fields.items():
        struct.pack_into(form, header, int(place.removeprefix("at_")), value)
    return bytes(header)


def table_of_sectors_without_end() -> bytes:
    """A megabyte whose list of tables leads to itself and names one table again and again."""
    content = old_file(WHOLE).ljust(2**20, b"\0")
    own = len(content) // SECTOR - 1
    again = struct.pack("<128I", *[0] * 127, own)
    fields = {"at_44": ("<I", 2**31 - 1), "at_68": ("<I", own), "at_72": ("<I", 2**31 - 1)}
    return with_header(content, **fields) + again


BROKEN = {
    "small sectors of any size": (
        with_header(old_file(WHOLE), at_32=("<H", 40), at_56=("<I", 10**6)),
        "small sectors of an unknown size",
    ),
    "only the first bytes": (START, "its parts do not fit together"),
    "half of it": (old_file(WHOLE)[: 3 * SECTOR], "its end is missing"),
    "noise after the first bytes": (START + b"\xff" * 2000, "sectors of an unknown size"),
    "sectors in a circle": (in_a_circle(old_file(WHOLE)), "run in a circle"),
    "a text document": (old_file(b"words", "WordDocument"), "it holds no workbook"),
    "a workbook of today with a password": (old_file(b"hidden", "EncryptedPackage"), "a password may hide it"),
    "a password": (with_cells(b"", before=record(PASSWORD, bytes(6))), "protected with a password"),
    "a sheet behind the end": (old_file(sheet_behind_the_end(WHOLE)), "a sheet lies behind its end"),
    "a cell in the far corner": (with_cells(cell(65_535, 255, 1)), "span 16,777,216 cells"),
    "a size that no file has": (
        with_cells(record(DIMENSIONS, struct.pack("<IIHHH", 0, 2**32 - 1, 0, 2**16 - 1, 0))),
        "span 281,470,681,677,825 cells",
    ),
    "half a cell": (with_cells(record(NUMBER, b"\x01")), "damaged"),
    "a row of numbers that ends before it begins": (
        with_cells(record(ROW_OF_NUMBERS, struct.pack("<HH6xH", 3, 200, 3))),
        "damaged",
    ),
    "four billion texts": (
        with_cells(b"", before=record(STRINGS, struct.pack("<II", 2**31 - 1, 2**31 - 1) + b"ab")),
        "damaged",
    ),
    "no sheet": (old_file(stream({})), "it has no sheet"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_workbook_is_refused_in_words(tmp_path: Path, name: str) -> None:
    content, words = BROKEN[name]
    path = save(tmp_path, content)
    with pytest.raises(TweetbenchError, match=words) as refused:
        read_workbook(path, "export.xls")
    assert refused.value.next_step


def test_texts_that_end_early_or_lie_nowhere_cost_no_other_cell(tmp_path: Path) -> None:
    too_long = record(LABEL, struct.pack("<HHHHB", 40, 0, 0, 60_000, 1) + b"ab")
    nowhere = record(STRING_AT, struct.pack("<HHHI", 41, 0, 0, 99_999))
    read = read_workbook(save(tmp_path, with_cells(too_long + nowhere)), "export.xls")
    assert [record.cells[1] for record in read.records[:28]] == [str(day - 2) for day in range(1, 29)]


def test_tables_that_lead_in_a_circle_take_no_more_memory_than_the_file(tmp_path: Path) -> None:
    path = save(tmp_path, table_of_sectors_without_end())
    tracemalloc.start()
    try:
        with suppress(TweetbenchError):
            read_workbook(path, "export.xls")
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


def test_bytes_changed_anywhere_make_a_message_or_cells_and_never_an_error_of_ours(tmp_path: Path) -> None:
    drawn, whole = random.Random(7), old_file(WHOLE)  # noqa: S311
    for _ in range(40):
        content = bytearray(whole)
        for _ in range(drawn.choice((1, 2, 8))):
            at = drawn.randrange(8, 80) if drawn.random() < 0.3 else drawn.randrange(8, len(whole))
            content[at] = drawn.choice((0, 1, 0x7F, 0x80, 0xFF, drawn.randrange(256)))
        length = drawn.choice((len(whole), drawn.randrange(len(whole))))
        with suppress(TweetbenchError):
            read_workbook(save(tmp_path, bytes(content[:length])), "export.xls")
