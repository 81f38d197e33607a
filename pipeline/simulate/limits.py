"""Rate windows of 15 minutes per route and kind of caller, with the headers that the platform sends."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
# Requests per window for an app token and for a user token; 0: the route refuses that kind of caller.
LIMITS: Mapping[str, tuple[int, int]] = {
    "users_by": (300, 900),
    "users": (300, 900),
    "timeline": (10_000, 900),
    "posts": (3_500, 5_000),
    "me": (75, 75),
}


@dataclass(frozen=True)
class Reading:
    """State of a window after a request."""

    limit: int
    remaining: int
    reset: int  # epoch seconds
    is_allowed: bool

    def headers(self) -> dict[str, str]:
        """The three rate headers."""
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }


class RateWindows:
    """Counts requests; a window opens with its first request and lasts so long by the server's clock."""

    def __init__(
        self,
        overrides: Mapping[str, int] | None = None,
        limits: Mapping[str, tuple[int, int]] = LIMITS,
        length: timedelta = WINDOW,
    ) -> None:
        self._overrides, self._limits, self._length = dict(overrides or {}), limits, length
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._lock = threading.Lock()

    def count(self, route: str, caller: str, now: datetime) -> Reading:
        """Count one request of `app` or `user`, or at a host, on a route."""
        limit = self._overrides.get(route, self._limits[route][0 if caller == "app" else 1])
        with self._lock:
            opened, used = self._windows.get((route, caller), (now, 0))
            if not opened <= now < opened + self._length:
                opened, used = now, 0
            is_allowed = used < limit
            used += is_allowed
            self._windows[route, caller] = (opened, used)
        return Reading(limit, limit - used, int((opened + self._length).timestamp()), is_allowed)
