"""Time from post ids: an X id carries its creation millisecond, which exports leave out."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

EPOCH_MS = 1_288_834_974_657  # 2010-11-04 01:42:54.657 UTC, the zero of X's id clock
FIRST_SNOWFLAKE = 29_700_859_247  # ids below were counted, not timed
# Every offset in use on earth, in quarter hours, nearest to UTC first, so that a tie goes to the smaller one.
OFFSETS = tuple(sorted(range(-12 * 60, 14 * 60 + 1, 15), key=lambda minutes: (abs(minutes), minutes < 0)))


def created_at(post_id: str) -> datetime | None:
    """UTC creation time to the millisecond, or None for an id from before November 2010."""
    number = int(post_id)
    if number < FIRST_SNOWFLAKE or number >= 2**63:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=(number >> 22) + EPOCH_MS)


def infer_offset_minutes(dated_ids: Iterable[tuple[str, date]]) -> tuple[int, int] | None:
    """The exporter's offset from UTC in minutes, and how many rows contradict it.

    Of all offsets that put the most ids on their printed day, the one nearest to UTC. None where no id carries a time.
    """
    pairs = [(moment, day) for post_id, day in dated_ids if (moment := created_at(post_id)) is not None]
    if not pairs:
        return None

    def misses(minutes: int) -> int:
        shift = timedelta(minutes=minutes)
        return sum((moment + shift).date() != day for moment, day in pairs)

    return min(((minutes, misses(minutes)) for minutes in OFFSETS), key=lambda pair: pair[1])
