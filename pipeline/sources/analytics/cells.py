"""Dates in the cells of an analytics export, and what a row needs to be used at all. Counts belong to `counts`."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from pipeline.sources.files.cell_values import is_rewritten_date

Moment = TypeVar("Moment", bound=date)

FIRST_DAY = date(2006, 3, 21)  # the first post ever
DateOrder = Literal["day/month", "month/day"]
_ORDERS: tuple[DateOrder, ...] = ("day/month", "month/day")
FEWEST_IN_RUN = 3  # days that follow one another by no accident
_REWRITTEN = re.compile(r"(\d{1,2})([/.-])(\d{1,2}|[A-Za-z]{3})\2(\d{4}|\d{2})(?: 0{1,2}:00(?::00)?)?")
_ABBREVIATIONS = "jan feb mar apr may jun jul aug sep oct nov dec"  # as spreadsheet programs write them: 7-Nov-26
_MONTHS = {name: number for number, name in enumerate(_ABBREVIATIONS.split(" "), start=1)}


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


def rewritten_order(cells: Iterable[str], *, are_consecutive: bool = False) -> tuple[DateOrder, str] | None:
    """The order in which a spreadsheet program rewrote the days of a column, and what proves it.

    A day after the twelfth proves it; so do points, before which no locale writes the month. The days of an export by
    day are consecutive: where they are so in one order and months apart in the other, that proves it as well.

    Returns:
        None where nothing proves it, or two proofs contradict each other.
    """
    rewritten = [match for cell in cells if (match := _REWRITTEN.fullmatch(" ".join(cell.split())))]
    parts = [match for match in rewritten if match[3].isdigit()]
    if rewritten and not parts:
        return "day/month", "the month is a word"
    day_first = sum(int(part[1]) > 12 for part in parts)
    month_first = sum(int(part[3]) > 12 for part in parts)
    if day_first or month_first:
        proof = f"{day_first or month_first:,} of them prove it"
        return None if day_first and month_first else (_ORDERS[bool(month_first)], proof)
    if parts and all(part[2] == "." for part in parts):
        return "day/month", "dates with points begin with the day"
    texts = [part[0] for part in parts]
    runs = [order for order in _ORDERS if are_consecutive and _is_run({read_rewritten(text, order) for text in texts})]
    return (runs[0], "only so do the days follow one another") if len(runs) == 1 else None


def _is_run(days: set[date]) -> bool:
    return len(days) >= FEWEST_IN_RUN and (max(days) - min(days)).days == len(days) - 1


def read_rewritten(cell: str, order: DateOrder) -> date:
    """A day in the form of a spreadsheet program, read in the order that its column proves.

    Raises:
        UnusableRowError: no such form, or no day of the calendar.
    """
    match = _REWRITTEN.fullmatch(" ".join(cell.split()))
    if match is None:
        raise UnusableRowError("rewritten_date", f"{cell} is in no form that can be read")
    first, year = int(match[1]), int(match[4]) % 100 + 2000
    try:
        second = int(match[3]) if match[3].isdigit() else _MONTHS[match[3].casefold()]
        day, month = (first, second) if order == "day/month" else (second, first)
        return date(year, month, day)
    except (ValueError, KeyError) as error:
        raise UnusableRowError("impossible_date", f"{cell} is no day, read as {order}") from error
