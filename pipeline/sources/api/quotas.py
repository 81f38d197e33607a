"""What may be sent in a stretch of time, counted here: not every server says in its answers what remains. Pure."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """`request_count` requests in any `seconds`, of those whose endpoint it covers."""

    request_count: int
    seconds: float
    covers: Callable[[str], bool] = lambda _endpoint: True

    def seconds_for(self, request_count: int) -> float:
        """How long so many requests have to wait in all."""
        return max(0, request_count - 1) // self.request_count * self.seconds


class Quotas:
    """Requests to one host against its quotas; times are those of a clock that never goes back."""

    def __init__(self, quotas: tuple[Quota, ...]) -> None:
        self._sent = [(quota, deque[float]()) for quota in quotas]

    def seconds_to_wait(self, endpoint: str, now: float) -> float:
        """How long the next request has to wait; 0 where it may be sent."""
        return max((_left(quota, sent, now) for quota, sent in self._sent if quota.covers(endpoint)), default=0.0)

    def count(self, endpoint: str, now: float) -> None:
        """Count a request that is sent now."""
        for quota, sent in self._sent:
            if quota.covers(endpoint):
                sent.append(now)


def _left(quota: Quota, sent: deque[float], now: float) -> float:
    while sent and now - sent[0] >= quota.seconds:
        sent.popleft()
    return quota.seconds - (now - sent[0]) if len(sent) >= quota.request_count else 0.0
