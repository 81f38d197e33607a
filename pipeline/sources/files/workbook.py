"""Excel workbooks as tables of text cells: typed cells, formulas, rounded ids, sheets. Formulas are never evaluated.

Knows nothing about what the columns mean. Limits are checked on the directory of the ZIP, or on the records of an old
.xls, before anything is unpacked.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from pipeline.errors import TweetbenchError
from pipeline.sources.files.old_workbook import OLD_START, check_old_workbook
from pipeline.sources.files.safe_zip import MEBIBYTE, Limits, check_archive, check_sizes
from pipeline.sources.files.sheet import Flag, Line, Sheet, above_flags, split_at
from pipeline.sources.files.table_header import LOOKED_AT, header_position
from pipeline.sources.files.tabular import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS

# Sheets of numbers shrink 5 to 15 times, of repeated texts up to 100.
LIMITS = Limits(ratio=200, member_bytes=512 * MEBIBYTE, total_bytes=1024 * MEBIBYTE, member_count=10_000)
MAX_CELLS = 20_000_000
# From here on a floating-point number no longer tells neighbouring whole numbers apart.
EXACT_BELOW = 2**53
SHOWN_CELLS = 5
_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
_SHEET = re.compile(rb"<sheet\b[^>]*>")
_ATTRIBUTE = re.compile(rb'(\w+(?::\w+)?)="([^"]*)"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3}\d+)"[^>]*>(.*?)</c>', re.DOTALL)
_RESULT = re.compile(rb"<v[^>/]*>[^<]")
Cell = str | float | int | bool | date | datetime | time | timedelta | None


def sheet_names(path: Path, shown_name: str) -> tuple[str, ...]:
    """The sheets of a workbook in their order.

    Raises:
        TweetbenchError: the workbook is damaged, encrypted or unpacks to far more than it should.
    """
    return tuple(_open(path, shown_name).sheet_names)


def read_workbook(path: Path, shown_name: str, sheet_name: str | None = None) -> Sheet:
    """One sheet (the first by default) as text cells: whole numbers without a fraction, times in ISO form.

    A number beyond 2^53 was rounded by the spreadsheet program; written as 1.85e+18, no reader takes it for an id.

    Raises:
        TweetbenchError: the workbook or the sheet is damaged, empty or larger than is read.
    """
    book = _open(path, shown_name)
    name = sheet_name or book.sheet_names[0]
    try:
        found = book.get_sheet_by_name(name)
        _refuse_oversized(found.total_height, found.total_width, shown_name)
        rows = found.to_python(skip_empty_area=False)
    except (CalamineError, ValueError) as error:
        raise _unreadable(shown_name, f"the sheet {name[:60]!r} is damaged") from error
    texts = [(line, [as_text(cell) for cell in row]) for line, row in enumerate(rows, start=1)]
    filled = [(line, row) for line, row in texts if any(cell.strip() for cell in row)]
    if not filled:
        raise TweetbenchError(
            f"the sheet {name[:60]!r} is empty", where=shown_name, next_step="export it again and repeat"
        )
    width = max(at for _, row in filled for at, cell in enumerate(row, start=1) if cell.strip())
    _refuse_oversized(len(filled), width, shown_name)
    rows_of_cells: list[Line] = []
    errors = 0
    for line, row in filled:
        errors += sum(cell in _ERRORS for cell in row)
        rows_of_cells.append((line, tuple("" if cell in _ERRORS else cell for cell in row[:width])))
    sheet = split_at(header_position([cells for _, cells in rows_of_cells[:LOOKED_AT]]), rows_of_cells)
    flags = (*above_flags(sheet.above), *_formula_flags(path, name), *_error_flag(errors))
    return replace(sheet, encoding="utf-8", form="xlsx", flags=flags)


def is_old_workbook(path: Path) -> bool:
    """True for a workbook in the format of 1997 (.xls), whatever its name."""
    with path.open("rb") as stream:
        return stream.read(len(OLD_START)) == OLD_START


def as_text(cell: Cell) -> str:
    """A typed cell as text; a whole number beyond 2^53 in exponent form, as its last digits are lost."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.replace("\x00", "")[: MAX_CELL_CHARACTERS + 1]
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int | float):
        return _number(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _number(value: float) -> str:
    if abs(value) >= EXACT_BELOW:
        digits, exponent = f"{value:.15e}".split("e")
        return f"{digits.rstrip('0').rstrip('.')}e{exponent}"
    return str(int(value)) if value.is_integer() else repr(value)


def _open(path: Path, shown_name: str) -> CalamineWorkbook:
    try:
        if is_old_workbook(path):
            check_old_workbook(path, shown_name, most_cells=MAX_CELLS)
        else:
            with zipfile.ZipFile(path) as archive:
                check_archive(archive, shown_name, LIMITS)
                check_sizes(archive.infolist(), shown_name, LIMITS)
        book = load_workbook(str(path))
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError) as error:
        raise _unreadable(shown_name, "it is damaged, or protected with a password") from error
    if not book.sheet_names:
        raise _unreadable(shown_name, "it has no sheet")
    return book


def _unreadable(shown_name: str, why: str) -> TweetbenchError:
    return TweetbenchError(
        "the workbook cannot be read",
        where=shown_name,
        why=why,
        next_step="open it in a spreadsheet program, save the sheet as CSV (UTF-8), then run: tweetbench ingest FILE",
    )


def _refuse_oversized(height: int, width: int, shown_name: str) -> None:
    problem = ""
    if width > MAX_COLUMNS:
        problem = f"the sheet has {width:,} columns; at most {MAX_COLUMNS:,} are read"
    elif height > MAX_ROWS or height * width > MAX_CELLS:
        problem = f"the sheet has {height:,} rows of {width:,} cells; at most {MAX_CELLS:,} cells are read"
    if problem:
        raise TweetbenchError(problem, where=shown_name, next_step="save the part that you need as its own sheet")


def _error_flag(errors: int) -> list[Flag]:
    shown, read = ("1 cell shows", "is") if errors == 1 else (f"{errors:,} cells show", "are")
    detail = f"{shown} an error such as #REF! or #N/A and {read} read as empty"
    return (
        [Flag("error_cells", detail, "correct the formulas, save the workbook and ingest it again")] if errors else []
    )


def _formula_flags(path: Path, sheet_name: str) -> list[Flag]:
    """What the sheet's formulas mean for its values: the stored results are read, where there are any."""
    if is_old_workbook(path):
        return []
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet_name)
        text = archive.read(member) if member else b""
    if b"<f" not in text:
        return []
    formulas = [
        (match[1].decode(), _RESULT.search(match[2]) is not None) for match in _CELL.finditer(text) if b"<f" in match[2]
    ]
    empty = [cell for cell, has_result in formulas if not has_result]
    flags = []
    if len(formulas) > len(empty):
        detail = f"{len(formulas) - len(empty):,} cells are formulas; their stored results are read"
        flags.append(Flag("formula_cells", detail, "nothing, if the workbook was saved after its last change"))
    if empty:
        detail = f"{len(empty):,} formulas have no stored result and are read as empty: {_shown(empty)}"
        advice = "open the workbook in a spreadsheet program, let it compute, save it and ingest it again"
        flags.append(Flag("formula_without_value", detail, advice))
    return flags


def _shown(cells: Sequence[str]) -> str:
    more = f" and {len(cells) - SHOWN_CELLS:,} more" if len(cells) > SHOWN_CELLS else ""
    return ", ".join(cells[:SHOWN_CELLS]) + more


def _member(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """The member of the archive that holds a sheet, through the workbook's relations."""
    names = archive.NameToInfo
    if "xl/_rels/workbook.xml.rels" not in names:
        return None
    sheets = [dict(_ATTRIBUTE.findall(tag)) for tag in _SHEET.findall(archive.read("xl/workbook.xml"))]
    relations = [dict(_ATTRIBUTE.findall(tag)) for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))]
    targets = {each.get(b"Id"): each.get(b"Target", b"").decode("utf-8", "replace") for each in relations}
    for at, each in enumerate(sheets):
        plain = each.get(b"name", b"").decode("utf-8", "replace")
        if plain == sheet_name or (at == 0 and len(sheets) == 1):
            target = targets.get(each.get(b"r:id"), "").lstrip("/")
            member = target if target.startswith("xl/") else f"xl/{target}"
            return member if member in names else None
    return None
