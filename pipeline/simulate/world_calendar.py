"""The time grid of the demo world: days, ISO weeks and the daily knots of the follower paths.

Times inside the world are milliseconds since 1970 as integers; datetimes appear at its edges only.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Follower paths have their knots at the hour of the daily capture, so a snapshot shows a knot and not a blend of two.
KNOT_HOUR = 6
NEVER_MS = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware time."""
    return (instant - _EPOCH) // _MILLISECOND


def to_instant(milliseconds: int) -> datetime:
    """UTC time of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=int(milliseconds))


@dataclass(frozen=True)
class Calendar:
    """`day_count` UTC days from `first_day`; weeks are ISO weeks, the first and last may be partial."""

    first_day: date
    day_count: int

    @property
    def start_ms(self) -> int:
        return to_milliseconds(datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=UTC))

    @property
    def end(self) -> datetime:
        """Midnight after the last day."""
        return to_instant(self.start_ms + self.day_count * DAY_MS)

    @property
    def week_count(self) -> int:
        return int(self.week_of_day[-1]) + 1

    @property
    def week_of_day(self) -> Integers:
        """Week number of each day, shape (day_count,)."""
        return (np.arange(self.day_count) + self.first_day.weekday()) // 7

    def week_start(self, week: int) -> date:
        """Monday of a week."""
        return self.first_day + timedelta(days=7 * week - self.first_day.weekday())

    def day_of(self, milliseconds: Integers) -> Integers:
        """Day number of instants."""
        return (milliseconds - self.start_ms) // DAY_MS

    def knot_position(self, milliseconds: int) -> float:
        """Position of an instant among the daily knots, within the first and the last."""
        position = (milliseconds - self.start_ms - KNOT_HOUR * HOUR_MS) / DAY_MS
        return min(max(position, 0.0), float(self.day_count - 1))
