"""Dates in the cells of an analytics export, and what a row needs to be used at all. Counts belong to `counts`."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from pipeline.sources.values import is_rewritten_date

Moment = TypeVar("Moment", bound=date)

FIRST_DAY = date(2006, 3, 21)  # the first post ever
DateOrder = Literal["day/month", "month/day"]
_REWRITTEN = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?: 0{1,2}:00(?::00)?)?")


class UnusableRowError(ValueError):
    """A row that cannot be used; `problem` is its short name."""

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


def read_day(cell: str, parse: Callable[[str], Moment], now: datetime) -> Moment | None:
    """The day or time in a cell, or None where it is empty or a spreadsheet program has rewritten it.

    Raises:
        UnusableRowError: no date, or one before the first post ever or after tomorrow.
    """
    if not cell.strip() or is_rewritten_date(cell):
        return None
    try:
        moment = parse(cell)
    except ValueError as error:
        raise UnusableRowError("impossible_date", str(error)) from error
    day = moment.date() if isinstance(moment, datetime) else moment
    if not FIRST_DAY <= day <= now.date() + timedelta(days=1):
        raise UnusableRowError("impossible_date", f"{cell} is before the first post ever or in the future")
    return moment


def rewritten_order(cells: Iterable[str]) -> tuple[DateOrder | None, int]:
    """The order in which a spreadsheet program rewrote the days of a column, and how many days prove it.

    A day after the twelfth proves it; None where none is there or they contradict.
    """
    parts = [match for cell in cells if (match := _REWRITTEN.fullmatch(" ".join(cell.split())))]
    day_first = sum(int(part[1]) > 12 for part in parts)
    month_first = sum(int(part[3]) > 12 for part in parts)
    if bool(day_first) == bool(month_first):
        return None, 0
    return ("day/month", day_first) if day_first else ("month/day", month_first)


def read_rewritten(cell: str, order: DateOrder) -> date:
    """A day in the form of a spreadsheet program, read in the order that its column proves.

    Raises:
        UnusableRowError: no such form, or no day of the calendar.
    """
    match = _REWRITTEN.fullmatch(" ".join(cell.split()))
    if match is None:
        raise UnusableRowError("rewritten_date", f"{cell} is in no form that can be read")
    first, second, year = int(match[1]), int(match[3]), int(match[4]) % 100 + 2000
    day, month = (first, second) if order == "day/month" else (second, first)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnusableRowError("impossible_date", f"{cell} is no day, read as {order}") from error
