"""What spreadsheet programs make of a LinkedIn export: the same cells with other separators, marks, days and sheets."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import load_workbook

Rows = list[list[str]]
Sheets = Mapping[str, Rows]
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def cells_of(path: Path) -> dict[str, Rows]:
    """All sheets of an export, or its one table, as text."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return {"Table 1": list(csv.reader(stream))}
    book = load_workbook(str(path))
    return {name: [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
            for name in book.sheet_names}  # fmt: skip


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _day(change: Callable[[str, str, str], str]) -> Callable[[str], str]:
    def changed(cell: str) -> str:
        return change(*match.groups()) if (match := _DAY.fullmatch(cell)) else cell

    return changed


def _as_date(month: str, day: str, year: str) -> date:
    return date(int(year), int(month), int(day))


def german_excel(cell: str) -> str:
    """Days of month/day read as day/month where that is possible, and a comma for the decimal point."""
    if _FRACTION.fullmatch(cell):
        return f"{float(cell):.10f}".rstrip("0").replace(".", ",")
    return _day(lambda first, second, year: f"{first}.{second}.{year}" if int(second) <= 12 else cell)(cell)


CELLS: dict[str, Callable[[str], str]] = {
    "as it is": lambda cell: cell,
    "German Excel": german_excel,
    "day first": _day(lambda month, day, year: f"{day}/{month}/{year}"),
    "ISO days": _day(lambda month, day, year: f"{year}-{month}-{day}"),
    "serial numbers": _day(lambda *day: str((_as_date(*day) - date(1899, 12, 30)).days)),
    "short years": _day(lambda month, day, year: f"{int(month)}/{int(day)}/{year[2:]}"),
}
FORMS: dict[str, tuple[str, str, str]] = {  # delimiter, encoding, what stands above
    "commas": (",", "utf-8", ""),
    "semicolons with a mark of UTF-8": (";", "utf-8-sig", ""),
    "tabs in UTF-16": ("\t", "utf-16", ""),
    "blank lines above": (",", "utf-8", "\r\n\r\n\r\n"),
}


def as_csv(path: Path, rows: Rows, cells: str = "as it is", form: str = "commas") -> Path:
    """One table saved as text."""
    delimiter, encoding, above = FORMS[form]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([[CELLS[cells](cell) for cell in row] for row in rows])
    path.write_bytes((above + text.getvalue()).encode(encoding))
    return path


def as_xlsx(path: Path, sheets: Sheets, *, has_dates: bool = False) -> Path:
    """All tables saved as a workbook whose sheets have other names; numbers as numbers, days as dates if asked."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": True, "strings_to_urls": False}) as book:
        day_form = book.add_format({"num_format": "dd.mm.yyyy"})
        for number, rows in enumerate(sheets.values(), start=1):
            sheet = book.add_worksheet(f"Tabelle{number}")
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if has_dates and (match := _DAY.fullmatch(cell)):
                        sheet.write_datetime(at, column, _as_date(*match.groups()), day_form)
                    else:
                        sheet.write(at, column, cell)
    return path
