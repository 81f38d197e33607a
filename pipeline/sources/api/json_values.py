"""Single values of an API's JSON to typed ones. Pure; an odd value gives None."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson

from pipeline.sources.lake_source import BIGINT_MAX

Record = Mapping[str, Any]
REAL_YEARS = range(1980, 2200)
LONGEST_COUNT = 30  # digits; Python refuses to read a number of more than 4,300


def fields_of(value: Any) -> Record:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[Record]:
    """The JSON objects of a list; empty where the value is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


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
    if isinstance(value, str) and len(value) < LONGEST_COUNT and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGINT_MAX
    return value if is_count else None


def flag_of(value: Any) -> bool | None:
    """True or false where the API said so."""
    return value if isinstance(value, bool) else None


def time_of(value: Any) -> datetime | None:
    """A UTC time from ISO 8601 with or without fraction and offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def real_time_of(value: Any) -> datetime | None:
    """A time as `time_of` reads it, where anybody may have written it.

    None for a year that says "never": 0001 and 1970 are empty values of programs, 9999 is the end of their calendars.
    """
    moment = time_of(value)
    return moment if moment and moment.year in REAL_YEARS else None


def texts_of(values: Iterator[Any]) -> list[str]:
    """The texts among the values, cleaned, in order, each once."""
    return list(dict.fromkeys(text for value in values if (text := text_of(value))))
