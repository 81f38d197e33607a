"""What spreadsheet programs make of LinkedIn's exports: other separators, encodings, marks, dates, names of sheets."""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import xlsxwriter
from python_calamine import load_workbook

Rows = list[list[str]]
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?")


def cells_of(path: Path) -> dict[str, Rows]:
    """The rows of a file by sheet, as texts."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return {"": list(csv.reader(stream))}
    book = load_workbook(str(path))
    return {name: [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
            for name in book.sheet_names}  # fmt: skip


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _save(path: Path, rows: Rows, separator: str, encoding: str, change: Callable[[str], str]) -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows([change(cell) for cell in row] for row in rows)
    return path


def german(rows: Rows, folder: Path) -> Path:
    """Excel set to German: semicolons, UTF-16, decimal commas, days before months with dots."""

    def change(cell: str) -> str:
        if day := _DAY.fullmatch(cell):
            return f"{day[2]}.{day[1]}.{day[3]}"
        return cell.replace(".", ",") if _FIGURE.fullmatch(cell) else cell

    return _save(folder / "Mappe1.csv", rows, ";", "utf-16", change)


def british(rows: Rows, folder: Path) -> Path:
    """A program that writes days before months, with a byte order mark and two blank rows on top."""
    swap = lambda cell: f"{day[2]}/{day[1]}/{day[3]}" if (day := _DAY.fullmatch(cell)) else cell  # noqa: E731
    return _save(folder / "export (2).csv", [[""], [""], *rows], ",", "utf-8-sig", swap)


def tabs(rows: Rows, folder: Path) -> Path:
    """Unicode text of Excel."""
    return _save(folder / "Text.txt", rows, "\t", "utf-16", lambda cell: cell)


def typed(rows: Rows, folder: Path) -> Path:
    """A workbook whose figures are numbers and whose days are dates, below a blank row on a sheet of any name."""
    return _book(rows, folder, lambda month, day, year: date(year, month, day))


def mistaken(rows: Rows, folder: Path) -> Path:
    """A program that took months for days wherever that gives a date, and left the other days as texts."""
    return _book(rows, folder, lambda month, day, year: date(year, day, month) if day <= 12 else None)


def _book(rows: Rows, folder: Path, day_of: Callable[[int, int, int], date | None]) -> Path:
    path = folder / "Workbook.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        sheet, shown = book.add_worksheet("Blatt 1"), book.add_format({"num_format": "dd/mm/yyyy"})
        for at, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                found = _DAY.fullmatch(cell)
                day = day_of(*(int(part) for part in found.groups())) if found else None
                if day:
                    sheet.write_datetime(at, place, day, shown)
                elif _FIGURE.fullmatch(cell):
                    sheet.write_number(at, place, float(cell))
                else:
                    sheet.write_string(at, place, cell)
    return path


PROGRAMS = (german, british, tabs, typed, mistaken)
