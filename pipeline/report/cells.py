"""Cells that a spreadsheet program cannot take for formulas, and tables as CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.report.figures import Rows

# The characters after which spreadsheet programs evaluate a cell (OWASP, CSV injection).
TRIGGERS = ("=", "+", "-", "@", "\t", "\r")


def neutral_cell(value: Any) -> Any:
    """A text that starts like a formula gets an apostrophe in front; numbers and other texts stay as they are."""
    return "'" + value if isinstance(value, str) and value.startswith(TRIGGERS) else value


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
