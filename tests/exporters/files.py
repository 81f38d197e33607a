"""Tables as files: text in the forms that tools and spreadsheet programs give it, and workbooks."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import xlsxwriter

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Form:
    """How a table is written. `trailing`: empty cells behind every row; `titles`: lines above the header."""

    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\r\n"
    is_quoted: bool = False
    has_sep_line: bool = False
    trailing: int = 0
    titles: tuple[tuple[str, ...], ...] = ()
    are_titles_padded: bool = False
    hazards: tuple[str, ...] = ()


def draw_form(rng: Random, rows: Rows, native: Form) -> Form:
    """The tool's own form, or what became of it on somebody's desk."""
    form = native
    text = "".join(str(cell) for row in rows for cell in row)
    if rng.random() < 0.12:
        form = _add(form, "utf-16", encoding="utf-16", delimiter="\t")
    elif rng.random() < 0.12 and _fits(text, "cp1252"):
        form = _add(form, "cp1252", encoding="cp1252")
    elif rng.random() < 0.3:
        form = _add(form, "bom", encoding="utf-8-sig")
    if form.encoding != "utf-16" and rng.random() < 0.2:
        delimiter = rng.choice(";\t")
        form = _add(form, "semicolon" if delimiter == ";" else "tab", delimiter=delimiter)
        if delimiter == ";" and rng.random() < 0.3:
            form = _add(form, "sep line", has_sep_line=True)
    if rng.random() < 0.1:
        form = _add(form, "trailing cells", trailing=rng.randint(1, 3))
    if rng.random() < 0.1:
        titles = rng.choice(
            [
                (("Results of our survey 2026",),),
                (("Export", "2026"), ()),
                (("Our figures",), ("Exported on 1 November 2026, all entries",), ()),
            ]
        )
        form = _add(form, "title lines", titles=titles, are_titles_padded=rng.random() < 0.6)
    if rng.random() < 0.3:
        form = replace(form, newline=rng.choice(["\n", "\r\n"]), is_quoted=rng.random() < 0.5)
    return form


def write_text(rows: Rows, path: Path, form: Form) -> Path:
    """The table as delimited text."""
    stream = io.StringIO()
    quoting = csv.QUOTE_ALL if form.is_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter=form.delimiter, lineterminator=form.newline, quoting=quoting)
    if form.has_sep_line:
        stream.write(f"sep={form.delimiter}{form.newline}")
    width = max(map(len, rows)) + form.trailing
    for title in form.titles:
        padding = width - len(title) if form.are_titles_padded else 0
        writer.writerow([*title, *[""] * padding])
    for row in rows:
        writer.writerow([*row, *[""] * form.trailing])
    path.write_bytes(stream.getvalue().encode(form.encoding))
    return path


def write_workbook(sheets: Sequence[tuple[str, Rows]], path: Path) -> Path:
    """The tables as sheets of a workbook; numbers and times as such, everything else as text."""
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "default_date_format": "m/d/yy hh:mm:ss"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for down, row in enumerate(rows):
                for across, cell in enumerate(row):
                    if isinstance(cell, str):
                        if cell:
                            sheet.write_string(down, across, cell)
                    else:
                        sheet.write(down, across, cell)
    return path


def _add(form: Form, hazard: str, **changes: object) -> Form:
    return replace(form, hazards=(*form.hazards, hazard), **changes)  # type: ignore[arg-type]


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return any(ord(letter) > 127 for letter in text)
