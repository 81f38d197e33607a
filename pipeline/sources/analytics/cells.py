"""Dates in the cells of an analytics export, and what a row needs to be used at all. Counts belong to `counts`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

from pipeline.sources.values import is_rewritten_date

Moment = TypeVar("Moment", bound=date)

FIRST_DAY = date(2006, 3, 21)  # the first post ever


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
