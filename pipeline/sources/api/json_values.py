"""Single values of an API's JSON to typed ones. Pure; an odd value gives None."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from pipeline.sources.lake_source import BIGINT_MAX

Record = Mapping[str, Any]
# Programs that have no time write the first of their calendar: year 1, 1900, 1970. No account and no post is as old.
_FIRST_TIME = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCK_TOLERANCE = timedelta(days=1)


def text_of(value: Any) -> str | None:
    """Text that Parquet and SQL accept: no NUL, no lone surrogate."""
    if not isinstance(value, str):
        return None
    if value.isascii() and "\x00" not in value:
        return value
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def payload_of(value: object) -> str | None:
    """The original as JSON text that Parquet accepts, keys in the source's order."""
    return text_of(json_of(value).decode()) if value is not None else None


def json_of(value: object) -> bytes:
    """A value as JSON in UTF-8, times in ISO 8601; what no JSON can hold becomes text."""
    try:
        # Every post is written twice, as payload and into the journal: this is six times as fast as the standard one.
        return orjson.dumps(value)
    except TypeError:
        # Lone surrogates and numbers beyond 64 bits, which Python reads and the fast encoder refuses.
        return json.dumps(value, default=_as_text).encode()


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def id_of(value: Any) -> str | None:
    """An id as text; X sent ids as numbers once, and a number is exact in Python."""
    text = value if type(value) is str else str(value) if type(value) is int else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else None


def count_of(value: Any) -> int | None:
    """A count from a number or a numeric text; None for anything else, and for a negative."""
    # The usual case first: half of all values that are read are counts.
    if type(value) is int:
        return value if 0 <= value <= BIGINT_MAX else None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGINT_MAX
    return value if is_count else None


def flag_of(value: Any) -> bool | None:
    """True or false where the API said so."""
    return value if isinstance(value, bool) else None


def time_of(value: Any) -> datetime | None:
    """A UTC time from ISO 8601 with or without fraction and offset; None for what stands for no time."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment >= _FIRST_TIME else None


def past_time_of(value: Any, now: datetime) -> datetime | None:
    """A time of something that has happened; None for one that the clock will reach in a day or later."""
    moment = time_of(value)
    return moment if moment and moment <= now + _CLOCK_TOLERANCE else None


def texts_of(values: Iterator[Any]) -> list[str]:
    """The texts among the values, cleaned, in order, each once."""
    return list(dict.fromkeys(text for value in values if (text := text_of(value))))
