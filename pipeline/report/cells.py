"""Cells that a spreadsheet program cannot take for formulas, and tables as CSV."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.report.figures import Rows

# The characters after which spreadsheet programs evaluate a cell (OWASP, CSV injection).
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral_cell(value: Any) -> Any:
    """A text that starts like a formula gets an apostrophe in front; numbers and other texts stay as they are."""
    return "'" + value if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Wide forms count as the plain ones, and blanks and characters that show nothing as absent: programs differ."""
    if text.startswith(TRIGGERS):
        return True
    shown = next((letter for letter in text if unicodedata.category(letter)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", shown).startswith(TRIGGERS)


def csv_text(columns: Sequence[str], rows: Rows) -> str:
    """A header and all rows, unrounded; unknown is empty, times are ISO 8601 in UTC."""
    made = io.StringIO(newline="")
    # The line end of RFC 4180, without which the writer leaves a lone carriage return in a text unquoted.
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[neutral_cell(_plain(row[name])) for name in columns] for row in rows])
    return made.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None or value != value else value
