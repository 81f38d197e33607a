"""Single values of X's JSON to typed ones, under either vocabulary (tweet or post). Pure; an odd value gives None."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.sources import snowflake
from pipeline.sources.protocol import as_payload
from pipeline.sources.values import BIGINT_MAX

Record = Mapping[str, Any]
# From August 2026 the published specification says "post" where it said "tweet" or "retweet".
RENAMED = {
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "tweets": "posts",
}
CLOCK_TOLERANCE = timedelta(minutes=1)


def field_of(record: Record, name: str) -> Any:
    """A field under its tweet name or its post name; None where neither is there."""
    value = record.get(name)
    return record.get(RENAMED[name]) if value is None and name in RENAMED else value


def record_of(record: Record, name: str) -> Record:
    """A nested object, empty where it is absent or something else."""
    value = field_of(record, name)
    return value if isinstance(value, dict) else {}


def records_of(record: Record, name: str) -> Iterator[Record]:
    """The objects of a nested list; members that are no objects are passed over."""
    value = field_of(record, name)
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def text_of(value: Any) -> str | None:
    """Text that Parquet and SQL accept: no NUL, no lone surrogate."""
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def payload_of(value: object) -> str | None:
    """The original as JSON text that Parquet accepts."""
    return text_of(as_payload(value))


def id_of(value: Any) -> str | None:
    """An id as text; X sent ids as numbers once, and a number is exact in Python."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else None


def count_of(value: Any) -> int | None:
    """A count from a number or a numeric text; None for anything else, and for a negative."""
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
    """A UTC time from ISO 8601 with or without fraction and offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def post_time(post_id: str, stated: Any) -> datetime | None:
    """Creation time of a post: to the millisecond from its id, unless the API states quite another time."""
    told, timed = time_of(stated), snowflake.created_at(post_id)
    if told is None or timed is None:
        return told or timed
    return timed if abs(timed - told) <= CLOCK_TOLERANCE else told


def texts_of(values: Iterator[Any]) -> list[str]:
    """The texts among the values, cleaned, in order, each once."""
    return list(dict.fromkeys(text for value in values if (text := text_of(value))))
