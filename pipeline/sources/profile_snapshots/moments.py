"""When a profile looked like this: one cell as a UTC time. Bounds and missing dates belong to `rows`."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.sources.files.cell_values import parse_day, parse_time
from pipeline.sources.files.cells import DateOrder
from pipeline.sources.files.cells import parse_time as parse_written_time

_LATEST = datetime.max.replace(tzinfo=UTC)  # dates of the future are refused by `rows`, with their own words

_PERIOD = re.compile(r"\d{4}-?(?P<week>[Ww]\d{1,2})|\d{4}[-/.](?P<month>\d{1,2})|(?P<year>(19|20)\d{2})")
# Seconds or milliseconds since 1970, from 2006 on.
_UNIX = re.compile(r"1\d{9}(?P<thousandths>\d{3})?(\.\d+)?")


def is_period(cell: str) -> bool:
    """True for a week, a month or a year: `2026-W44` has no day of its own."""
    return _PERIOD.fullmatch(cell.strip()) is not None


@lru_cache(maxsize=1 << 14)  # and the same days
def parse_moment(cell: str, date_format: str | None = None, order: DateOrder | None = None) -> datetime:
    """A UTC time in any unambiguous form (also seconds since 1970), or in the form that a mapping names.

    Args:
        cell: as it is in the file.
        date_format: the form that a mapping names.
        order: which of day and month comes first in its column, where that is known; before points it is the day.

    Raises:
        ValueError: another form, one in which day and month may be swapped, or a week, a month or a year.
    """
    if date_format:
        moment = datetime.strptime(cell, date_format)  # noqa: DTZ007 - the format itself may carry an offset
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if period := _PERIOD.fullmatch(cell):
        name = "week" if period["week"] else "month" if period["month"] else "year"
        raise ValueError(f"{cell!r} is a {name}, not a day")
    if unix := _UNIX.fullmatch(cell):
        return datetime.fromtimestamp(float(cell) / (1000 if unix["thousandths"] else 1), tz=UTC).replace(microsecond=0)
    try:
        return parse_time(cell.removesuffix(" UTC"))
    except OverflowError as error:
        raise ValueError(f"{cell!r} is no time") from error
    except ValueError:
        return _parse_local_form(cell, order)


def _parse_local_form(cell: str, order: DateOrder | None) -> datetime:
    try:
        return parse_written_time(cell, ZoneInfo("UTC"), order, latest=_LATEST)
    except ValueError:
        day = parse_day(cell)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
