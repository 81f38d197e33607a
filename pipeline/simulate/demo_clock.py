"""The clock that a demo server tells the time by: set and moved by whoever replays the days."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]


class DemoClock:
    """A UTC time that stands still until it is set; with `elapsed_seconds` it runs on from the time it was set to."""

    def __init__(self, start: datetime, elapsed_seconds: Callable[[], float] = lambda: 0.0) -> None:
        self._lock = threading.Lock()
        self._elapsed = elapsed_seconds
        self._base, self._mark = start, elapsed_seconds()

    def __call__(self) -> datetime:
        with self._lock:
            return self._base + timedelta(seconds=self._elapsed() - self._mark)

    def set(self, instant: datetime) -> None:
        """Jump to an instant."""
        with self._lock:
            self._base, self._mark = instant, self._elapsed()

    def advance(self, step: timedelta) -> None:
        """Move on by a step."""
        with self._lock:
            self._base += step
