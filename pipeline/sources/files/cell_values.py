"""Single cells to typed values: counts, ids, days, times, handles, and what the text of a post contains.

Pure; a cell that does not fit raises ValueError. Which column holds what belongs to the sources.
"""

import html
import re
from datetime import UTC, date, datetime
from functools import lru_cache

from pipeline.sources.lake_source import BIGINT_MAX

NOT_REPORTED = {"", "-", "–", "—", "na", "n/a", "nan", "null", "none"}
NO_ACCOUNT = "i"  # x.com/i/status/1 leads to a post without naming its account
_PLAIN = re.compile(r"^[+-]?\d+(\.0+)?$")
# Counts are whole, so one or two zeros after a point or comma are a fraction of nothing in every locale.
_NO_FRACTION = re.compile(r"(?<=\d)[.,]0{1,2}$")
_DAMAGED = re.compile(r"^\d([.,]\d+)?[eE]\+?\d+$")
_FLOAT = re.compile(r"(\d+)[.,](\d+)(?:[eE]\+?(\d{1,2}))?")
EXACT_DIGITS = 15  # of a number in every spreadsheet and every double
# Spreadsheets keep 15 digits. A real id of 17 digits and more ends in seven zeros once in ten million.
_ROUNDED = re.compile(r"^\d{10,}0{7}$")
_HANDLE = re.compile(r"^[A-Za-z0-9_]{1,15}$")
_STATUS_LINK = re.compile(
    r"(?:^|[/.\s])(?:twitter|x)\.com/(?P<handle>[A-Za-z0-9_]{1,15})(?:/web)?/status(?:es)?/(?P<id>[^/?#\s]+)",
    re.IGNORECASE,
)
_PROFILE_LINK = re.compile(r"^(?:https?://)?(?:www\.|mobile\.)?(?:twitter|x)\.com/(?P<handle>[A-Za-z0-9_]{1,15})/?$")
_DAY_FORMATS = ("%a, %b %d, %Y", "%a %b %d %Y", "%Y-%m-%d", "%Y/%m/%d")
_REWRITTEN = re.compile(
    r"(?!\d{4}-\d\d-\d\d)\d{1,4}(?P<mark>[/.-])(\d{1,2}|[A-Za-z]{3})(?P=mark)\d{1,4}"
    r"( \d{1,2}:\d{2}(:\d{2})?( [AaPp][Mm])?( [+-]\d{4})?)?"
)
_WEEK = re.compile(r"\d{4}-?W\d{2}")
_OFFSET_APART = re.compile(r" ([+-]\d{4})$")  # the former Twitter prints a blank before the offset
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_LINK = re.compile(r"https?://[^\s/.<>\"]+\.[^\s<>\"]+", re.IGNORECASE)
_HASHTAG = re.compile(r"(?<![\w&/#])[#＃](\w*[^\W\d_]\w*)")
_MENTION = re.compile(r"(?<![\w/@])[@＠]([A-Za-z0-9_]{1,15})(?![\w@])")
_REPLY = re.compile(r"[@＠]\w")
_REPOST = re.compile(r"RT @\w")


def parse_count(cell: str, *, decimal_comma: bool = False) -> int | None:
    """A whole number, or None where nothing was reported: `1203.0`, `1,203`, `1 203`, `1203,0`, `-`.

    Raises:
        ValueError: the cell is not a whole number, is negative, or cannot be a count.
    """
    text = cell.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if text.casefold() in NOT_REPORTED:
        return None
    text = _NO_FRACTION.sub("", text)
    thousands, point = (".", ",") if decimal_comma else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(?P<mark>[{thousands} ’'])\d{{3}}((?P=mark)\d{{3}})*", text):
        text = re.sub(rf"[{thousands} ’']", "", text)
    text = text.replace(point, ".") if decimal_comma else text
    if not _PLAIN.match(text):
        raise ValueError(f"{cell!r} is not a whole number")
    value = int(text.split(".")[0])
    if value < 0:
        raise ValueError(f"{cell!r} is negative, which no count can be")
    if value > BIGINT_MAX:
        raise ValueError(f"{cell!r} is too large for a count")
    return value


@lru_cache(maxsize=1 << 14)  # snapshots of an account share one text of its id
def parse_id(cell: str) -> str:
    """A platform id as text.

    Raises:
        ValueError: the cell is no id; for Excel's scientific notation the message says so.
    """
    text = _undone_float(cell.strip().removeprefix("=").strip("'\""))
    if _DAMAGED.match(text) or _ROUNDED.match(text):
        raise ValueError(f"{text} is an id that a spreadsheet program has rounded; the last digits are lost")
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ValueError(f"{cell!r} is not an id")
    return text


def _undone_float(text: str) -> str:
    """An id that a program made a number of and that lost nothing: `123456789.0`, `1.23456789E+08`."""
    match = _FLOAT.fullmatch(text)
    if match is None:
        return text
    whole, fraction, exponent = match[1], match[2], int(match[3] or 0)
    is_exact = len(whole) + exponent <= EXACT_DIGITS and len(fraction) >= max(exponent, 1)
    return whole + fraction[:exponent] if is_exact and not fraction[exponent:].strip("0") else text


def is_rounded_id(cell: str) -> bool:
    """True for an id that a spreadsheet program has turned into a number in exponent form (1.85E+18)."""
    return _DAMAGED.match(cell.strip()) is not None


def parse_day(cell: str) -> date:
    """A day as X prints it: `Mon Feb 17 2025`, `Sun, Jan 4, 2026`, or with the year first.

    Raises:
        ValueError: a weekday that does not fit, or any other form, such as 1/4/2026 (see `is_rewritten_date`).
    """
    text = " ".join(cell.split())
    for form in _DAY_FORMATS:
        try:
            day = datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        if form.startswith("%a") and day.strftime("%a").casefold() != text[:3].casefold():
            raise ValueError(f"{cell!r} is not a date: that day was another weekday")
        return day
    if is_rewritten_date(text):
        raise ValueError(f"{text} can be read as day/month or month/day; a spreadsheet program has rewritten it")
    raise ValueError(f"{cell!r} is not a date")


def is_rewritten_date(cell: str) -> bool:
    """True for a date, with or without time, in the form of a spreadsheet program: 4/1/2026, 04.01.26 18:00."""
    return _REWRITTEN.fullmatch(" ".join(cell.split())) is not None


def parse_time(cell: str) -> datetime:
    """A UTC time: ISO 8601 with or without offset, `2020-02-10 18:00 +0000`, or X's archive form.

    A time without offset is taken as UTC; a bare date as its midnight.

    Raises:
        ValueError: any other form, also an ISO week, which has seven days.
    """
    text = cell.strip()
    if _WEEK.fullmatch(text):
        raise ValueError(f"{cell!r} is a week, not a day")
    if text[:1].isalpha():
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    moment = datetime.fromisoformat(_OFFSET_APART.sub(r"\1", text))
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{cell!r} lies outside the calendar once it is turned into UTC") from None


def parse_handle(cell: str) -> str:
    """A handle without @, taken from `@name`, `name` or a profile link.

    Raises:
        ValueError: not a handle: over 15 characters, or other than ASCII letters, digits and underscore.
    """
    text = cell.strip()
    link = _PROFILE_LINK.match(text)
    handle = link["handle"] if link else text.removeprefix("@")
    if not _HANDLE.match(handle):
        raise ValueError(f"{cell!r} is not a handle (1 to 15 ASCII letters, digits or underscores)")
    return handle


def parse_status_link(cell: str) -> tuple[str, str] | None:
    """Handle and post id from a link to a post, or None.

    The id is what stands there, be it `undefined` or rounded (1.47689E+18); the handle may be `NO_ACCOUNT`.
    """
    match = _STATUS_LINK.search(cell)
    return (match["handle"], match["id"]) if match else None


def decode_entities(text: str) -> str:
    """The text with `&amp;` and its like decoded once; a bare & stays, whatever follows it."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def find_links(text: str) -> list[str]:
    """Web links in a text, in order; a link that the source cut short has lost its host and is left out."""
    return list(dict.fromkeys(link for raw in _LINK.findall(text) if (link := raw.rstrip(".,;:!?)]}'’”…"))))


def find_hashtags(text: str) -> list[str]:
    """Hashtags in a text without #, in order; a number alone is none."""
    return list(dict.fromkeys(_HASHTAG.findall(text)))


def find_handles(text: str) -> list[str]:
    """Handles mentioned in a text without @, in order."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def post_kind(text: str | None, own_handle: str | None) -> str:
    """original, reply, self_reply or repost as far as the text shows it; unknown without a text.

    A text that starts with a handle is a reply; quotes cannot be distinguished from originals.
    """
    if not text:
        return "unknown"
    if _REPOST.match(text):
        return "repost"
    if not _REPLY.match(text):
        return "original"
    first = _MENTION.match(text)
    is_own = first and own_handle and first[1].casefold() == own_handle.casefold()
    return "self_reply" if is_own else "reply"
