"""Single survey cells: texts that compare equal, and local times as UTC.

Knows nothing about questions or files. What several cells of a column have in common (which of day and month comes
first) is decided here too; what an answer means belongs to `answers`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from pipeline.sources.files.zones import NOT_ZONES, find_zone, is_own_name, named_reading

DateOrder = Literal["month_first", "day_first"]
_STRAIGHT_QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "´": "'", "“": '"', "”": '"', "„": '"'})
_TIME = re.compile(
    r"(?P<first>\d{1,4})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{1,4})"
    r"(?:(?:,? |T)(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})(?:(?P=colon)(?P<tick>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?: ?\(?(?P<word>[A-Za-z]{1,5}|[A-Za-z_]+/[A-Za-z_/]+)\)?)?)?"
    r"(?: ?(?P<offset>[+-]\d{1,2}:?(?:\d{2})?|Z|UTC|GMT))?"
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_NAMED_DAY = re.compile(
    rf"(?:(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}}),?|(?P<day2>\d{{1,2}})(?:[ -]|\. )(?P<month2>{_MONTH})\.?,?)"
    r"[ -](?P<year>\d{4})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CellIssue:
    """Something that a person should know about a column or a row. Never holds the content of a cell."""

    problem: str
    detail: str
    next_step: str
    line: int | None = None


def tidy(text: str) -> str:
    """Text without surrounding or repeated blanks and with straight quotation marks; letter case is kept."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_STRAIGHT_QUOTES).split())


def fold(text: str) -> str:
    """`tidy` without letter case: how the cells of a file are compared with the labels of a mapping."""
    return tidy(text).casefold()


def counted(number: int, noun: str) -> str:
    """`1 cell`, `1,200 cells`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def is_time(cell: str) -> bool:
    """True if a cell has the form of a date or time, whichever of day and month comes first."""
    return _match_time(cell) is not None


def _match_time(cell: str) -> re.Match[str] | None:
    """The parts of a time; an English name of a month (`Mar 2, 2026 9:10 AM`) stands for its number."""
    text = tidy(cell)
    if named := _NAMED_DAY.match(text):
        day, month = named["day"] or named["day2"], named["month"] or named["month2"]
        text = f"{named['year']}-{_MONTHS.index(month[:3].casefold()) + 1}-{day}{text[named.end() :]}"
    return _TIME.fullmatch(text)


def infer_date_order(cells: Iterable[str]) -> DateOrder | None:
    """Which of day and month comes first in 5/16/2018, if the cells leave only one reading."""
    cells = (cell for cell in cells if not cell[:4].isdecimal())  # the year first leaves nothing open
    parts = [match for cell in cells if (match := _match_time(cell)) and len(match["first"]) < 3]
    slashed = [match for match in parts if match["mark"] != "."]
    orders: set[DateOrder] = {"day_first" for match in slashed if int(match["first"]) > 12}
    orders |= {"month_first" for match in slashed if int(match["second"]) > 12}
    return orders.pop() if len(orders) == 1 else None


def has_unknown_zone(cell: str, zone: tzinfo) -> bool:
    """True for a time with an abbreviation behind it that names no zone, or several: it is read in `zone`."""
    if not cell.rstrip(" )")[-1:].isalpha():
        return False
    match = _match_time(cell)
    if not match or not match["word"] or match["offset"] or match["word"].casefold() in NOT_ZONES:
        return False
    return find_zone(match["word"]) is None and not is_own_name(match["word"], zone, 2000)


def parse_time(cell: str, zone: tzinfo, order: DateOrder | None, *, latest: datetime) -> datetime:
    """A time as UTC. A bare date is its midnight; of an hour that the clocks repeat, the earlier one.

    Args:
        cell: year first, or day and month as `order` says (day first where points separate them); AM/PM and a UTC
            offset or the abbreviation of a zone may follow, which win over `zone`.
        zone: time zone of a time that shows none, or an abbreviation that names none by itself.
        order: which of day and month comes first in forms such as 5/6/2018; None: such forms are refused.
        latest: a later time is refused: an answer cannot come from the future.

    Raises:
        ValueError: another form, an impossible date, an hour that the clocks skip, or a time after `latest`.
    """
    match = _match_time(cell)
    if not match:
        raise ValueError("not a time")
    year, month, day = _year_month_day(match, order)
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour of a 12-hour clock")
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    local = datetime(year, month, day, hour, int(match["minute"] or 0), int(match["tick"] or 0))  # noqa: DTZ001
    used = _stated(match, zone) or zone
    try:
        moment = local.replace(tzinfo=used)
        moment = (named_reading(moment, match["word"]) if match["word"] else moment).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error
    if moment.astimezone(used).replace(tzinfo=None) != local:
        raise ValueError("the clocks skip this hour")
    if moment > latest:
        raise ValueError("in the future")
    return moment


def second_reading(moment: datetime, zone: tzinfo) -> datetime:
    """The later of the two times that a local time means while the clocks repeat an hour; else the time itself."""
    return moment.astimezone(zone).replace(fold=1).astimezone(UTC)


def _year_month_day(match: re.Match[str], order: DateOrder | None) -> tuple[int, int, int]:
    first, second, third = (int(match[name]) for name in ("first", "second", "third"))
    if len(match["first"]) == 4:
        return first, second, third
    if len(match["third"]) not in (2, 4):
        raise ValueError("no year")
    year = third if len(match["third"]) == 4 else 2000 + third
    if match["mark"] == "." or order == "day_first":
        return year, second, first
    if order is None:
        raise ValueError("day and month could be swapped")
    return year, first, second


def _stated(match: re.Match[str], zone: tzinfo) -> tzinfo | None:
    """The zone behind a time. An abbreviation of the expected zone means its local time, whatever the season."""
    if match["offset"]:
        return find_zone(match["offset"])
    word = match["word"]
    return find_zone(word) if word and not is_own_name(word, zone, 2000) else None
