"""Time from post ids: an X id carries its creation millisecond, which exports leave out."""

from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_288_834_974_657  # 2010-11-04 01:42:54.657 UTC, the zero of X's id clock
FIRST_SNOWFLAKE = 29_700_859_247  # ids below were counted, not timed


def created_at(post_id: str) -> datetime | None:
    """UTC creation time to the millisecond, or None for an id from before November 2010."""
    number = int(post_id)
    if number < FIRST_SNOWFLAKE or number >= 2**63:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=(number >> 22) + EPOCH_MS)
