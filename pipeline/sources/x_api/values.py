"""Single values of X's JSON to typed ones, under either vocabulary (tweet or post). Pure; an odd value gives None."""

from datetime import datetime, timedelta
from typing import Any

from pipeline.sources import snowflake
from pipeline.sources.api.json_values import Record, time_of

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


def records_of(record: Record, name: str) -> list[Record]:
    """The objects of a nested list; members that are no objects are passed over."""
    value = field_of(record, name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def post_time(post_id: str, stated: Any) -> datetime | None:
    """Creation time of a post: to the millisecond from its id, unless the API states quite another time."""
    stated_at, timed = time_of(stated), snowflake.created_at(post_id)
    if stated_at is None or timed is None:
        return stated_at or timed
    return timed if abs(timed - stated_at) <= CLOCK_TOLERANCE else stated_at
