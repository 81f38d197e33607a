"""Marts as one Excel workbook: a sheet for each mart, ids as text, no cell that could run."""

import math
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.publish.files import about_lines
from pipeline.publish.marts import Mart, Version, safe_expression, select
from pipeline.runtime.files import unfinished

SHEET_ROWS = 1_048_576  # of the file format, header included
CELL_CHARACTERS = 32_767
NAME_CHARACTERS = 31
EXACT_INTEGER = 2**53  # Excel keeps numbers as doubles
FIRST_YEAR = 1900  # of Excel's calendar
BATCH_ROWS = 10_000
# By what a cell holds; headers of synthetic data are tinted.
FORMATS: dict[str, dict[str, Any]] = {
    "header": {"bold": True, "bottom": 1},
    "demo_header": {"bold": True, "bottom": 1, "bg_color": "#FFD9D9"},
    "demo": {"bold": True, "font_color": "#B00020"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "date": {"num_format": "yyyy-mm-dd"},
    "title": {"bold": True},
}
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(
    connection: duckdb.DuckDBPyConnection,
    marts: list[Mart],
    version: Version,
    target: Path,
    *,
    sheet_rows: int = SHEET_ROWS,
) -> list[str]:
    """Write the workbook whole or not at all; returns as sentences what did not fit as it was.

    A mart with more rows than a sheet holds continues on further sheets. Integers beyond 2^53 become text.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    notes: list[str] = []
    # Its parts lie next to it while it is made: what a kill leaves there, the next export to this place removes.
    parts = target.with_name(f".{target.name}.parts.tmp")
    if parts.is_dir():
        shutil.rmtree(parts)
    with unfinished(target.with_name(f".{target.name}.tmp")) as temporary, unfinished(parts):
        parts.mkdir(mode=0o700)
        with xlsxwriter.Workbook(str(temporary), {**OPTIONS, "tmpdir": str(parts)}) as book:
            book.set_properties({"title": version.name, "comments": " ".join(about_lines(version))})
            formats = {name: book.add_format(facts) for name, facts in FORMATS.items()}
            about = book.add_worksheet("about")
            sheets = []
            for mart in marts:
                writer = _SheetWriter(book, formats, mart, version, sheet_rows)
                writer.write(connection)
                sheets.append((mart, writer.sheet_names))
                notes += writer.notes()
            _write_about(about, formats, version, sheets, notes)
        temporary.chmod(0o600)
        temporary.replace(target)
    return notes


class _SheetWriter:
    """Writes one mart to as many sheets as it needs, row after row."""

    def __init__(
        self, book: xlsxwriter.Workbook, formats: dict[str, Format], mart: Mart, version: Version, sheet_rows: int
    ) -> None:
        self._book, self._formats, self._mart, self._version = book, formats, mart, version
        self._data_rows = sheet_rows - 1
        self._cut = 0
        self.sheet_names: list[str] = []

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        cursor = connection.execute(select(self._mart, [safe_expression(column) for column in self._mart.columns]))
        sheet = self._add_sheet()
        position = 0
        for row in _rows(cursor):
            if position == self._data_rows:
                sheet, position = self._add_sheet(), 0
            position += 1
            for index, value in enumerate(row):
                self._write_cell(sheet, position, index, value)

    def notes(self) -> Iterator[str]:
        if len(self.sheet_names) > 1:
            more, held = ", ".join(self.sheet_names[1:]), f"{self._data_rows:,}"
            yield f"{self._mart.name} has {self._mart.row_count:,} rows, a sheet holds {held}: it continues in {more}"
        if self._cut:
            yield f"{self._mart.name}: {self._cut:,} texts are cut at {CELL_CHARACTERS:,} characters, all a cell holds"

    def _add_sheet(self) -> Worksheet:
        number = len(self.sheet_names) + 1
        ending = "" if number == 1 else f" {number}"
        name = self._mart.name[: NAME_CHARACTERS - len(ending)] + ending
        self.sheet_names.append(name)
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        header = self._formats["demo_header" if self._version.is_demo else "header"]
        for index, column in enumerate(self._mart.columns):
            sheet.set_column(index, index, max(12, min(len(column.name) + 2, 40)))
            sheet.write_string(0, index, column.name, header)
            sheet.write_comment(0, index, f"{column.description}\n({column.kind})", {"x_scale": 2, "y_scale": 1.5})
        sheet.autofilter(0, 0, min(self._mart.row_count, self._data_rows), len(self._mart.columns) - 1)
        if self._version.is_demo:
            sheet.set_tab_color("#B00020")
            sheet.set_header("&CDEMO: invented data")
        return sheet

    def _write_cell(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float | Decimal):
            exact = math.isfinite(value) if isinstance(value, float) else -EXACT_INTEGER <= value <= EXACT_INTEGER
            if exact:
                sheet.write_number(row, column, float(value))
            else:
                sheet.write_string(row, column, str(value))
        elif isinstance(value, date) and value.year < FIRST_YEAR:
            sheet.write_string(row, column, str(value))
        elif isinstance(value, datetime):
            # Excel knows no time zones: the times are UTC, and the sheet "about" says so.
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(row, column, plain, self._formats["time"])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._formats["date"])
        else:
            text = str(value)
            self._cut += len(text) > CELL_CHARACTERS
            sheet.write_string(row, column, text[:CELL_CHARACTERS])


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(BATCH_ROWS):
        yield from batch


def _write_about(
    sheet: Worksheet,
    formats: dict[str, Format],
    version: Version,
    sheets: list[tuple[Mart, list[str]]],
    notes: list[str],
) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 120)
    row = 0
    for line in about_lines(version):
        sheet.write_string(row, 0, line, formats["demo"] if line.startswith("DEMO") else None)
        row += 1
    for line in notes:
        sheet.write_string(row, 0, line)
        row += 1
    row += 1
    for column, title in enumerate(("sheet", "rows", "what a row is")):
        sheet.write_string(row, column, title, formats["title"])
    for mart, names in sheets:
        row += 1
        sheet.write_string(row, 0, ", ".join(names))
        sheet.write_number(row, 1, mart.row_count)
        sheet.write_string(row, 2, mart.description)
