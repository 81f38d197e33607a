"""Days in the cells of LinkedIn's exports: MM/DD/YYYY as LinkedIn writes it, or what a spreadsheet program made of it.

A program that takes 02/03/2026 for the second of March makes wrong days of the first twelve of each month and leaves
the others as they are. So the cells of a column are read together: of the ways to read them, the one that fits what is
known of the column is taken.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2003, 5, 5)  # LinkedIn's first
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?:[ T].*)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:[ T].*)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?")
_SERIAL = re.compile(r"([3-6]\d{4})(?:\.0+)?")  # days since 1899-12-30: 1982 to 2091
_EPOCH = date(1899, 12, 30)
Days = list[date | None]


@dataclass(frozen=True)
class ReadDays:
    """The days of a column in their order, null where a cell is none, and a note where a program has changed them."""

    days: Days
    note: str = ""


def read_days(cells: Sequence[str], fit: Callable[[Days], float], *, last: date) -> ReadDays:
    """The days of a column.

    Args:
        cells: as they are in the file.
        fit: how well days suit what is known of the column; of equal ones LinkedIn's own way of writing wins.
        last: later days are none.
    """
    best: tuple[float, Days, str] | None = None
    for is_day_first in (False, True):
        for is_swapped in (False, True):
            days = [_day(cell, is_day_first=is_day_first, is_swapped=is_swapped, last=last) for cell in cells]
            score = fit(days)
            if best is None or score > best[0]:
                ways = ["the days are read as day/month"] if is_day_first else []
                ways += ["a spreadsheet program took the months for days, which is undone"] if is_swapped else []
                best = score, days, "; ".join(ways)
    if best is None:
        raise ValueError("there is no way to read a day")
    is_changed = any(_SERIAL.fullmatch(cell) or _DOTTED.fullmatch(cell) or _ISO.fullmatch(cell) for cell in cells)
    return ReadDays(best[1], best[2] or ("a spreadsheet program has rewritten the days" if is_changed else ""))


def consecutive(days: Days) -> float:
    """How well days are those of an export by day: each is there once, and none is missing in between."""
    known = [day for day in days if day]
    if not known:
        return 0
    distinct = set(known)
    span = (max(known) - min(known)).days + 1
    return len(known) + len(distinct) / len(known) + len(distinct) / span


def _day(cell: str, *, is_day_first: bool, is_swapped: bool, last: date) -> date | None:
    text = cell.strip()
    try:
        if slashed := _SLASHED.fullmatch(text):
            first, second, year = int(slashed[1]), int(slashed[2]), _year(slashed[3])
            day = date(year, second, first) if is_day_first else date(year, first, second)
        else:
            day = _rewritten(text)
            if is_swapped:
                day = date(day.year, day.day, day.month)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= last else None


def _rewritten(text: str) -> date:
    if dotted := _DOTTED.fullmatch(text):
        return date(_year(dotted[3]), int(dotted[2]), int(dotted[1]))
    if iso := _ISO.fullmatch(text):
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    if serial := _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(serial[1]))
    raise ValueError(f"{text!r} is no day")


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)
