"""What the server saw and what it would have billed: a request log and a ledger by UTC day."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

# Thousandths of a US dollar per resource returned; a resource is billed once per UTC day.
PRICES = {"post": 5, "user": 10, "owned": 1}


@dataclass(frozen=True)
class Resource:
    """One object of an answer; `is_owned` where the caller reads what is its own."""

    kind: str
    resource_id: str
    is_owned: bool = False


@dataclass(frozen=True)
class Entry:
    """One request. `caller` is app, user, or none for a missing or wrong token; tokens are never kept."""

    number: int
    at: str
    method: str
    path: str
    route: str
    params: dict[str, str]
    status: int
    caller: str
    fault: str | None
    dialect: str
    served: tuple[str, ...] = field(default=())

    @property
    def is_authorised(self) -> bool:
        return self.caller != "none"


class Admin:
    """Thread-safe record of a server's life, for tests to assert on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._billed: dict[str, dict[tuple[str, str], str]] = {}
        self._totals: Counter[str] = Counter()  # price class -> resources, over all days
        self._post_reads = 0

    def record(self, **fields: Any) -> None:
        """Append one request."""
        with self._lock:
            self._entries.append(Entry(number=len(self._entries), **fields))

    def bill(self, resources: tuple[Resource, ...], now: datetime) -> None:
        """Bill resources; a second read on the same UTC day is free."""
        with self._lock:
            day = self._billed.setdefault(now.date().isoformat(), {})
            for resource in resources:
                key = (resource.kind, resource.resource_id)
                if key not in day:
                    day[key] = "owned" if resource.is_owned else resource.kind
                    self._totals[day[key]] += 1
                    self._post_reads += resource.kind == "post"

    def requests(self, route: str | None = None) -> list[Entry]:
        """Requests so far, of one route or of all."""
        with self._lock:
            return [entry for entry in self._entries if route in (None, entry.route)]

    def served_ids(self, route: str) -> list[str]:
        """Ids of the main objects that a route's answers held, in order, with repeats."""
        return [served for entry in self.requests(route) for served in entry.served]

    def billing(self) -> dict[str, dict[str, float]]:
        """By UTC day: billed resources by price class, and US dollars."""
        with self._lock:
            days = {day: Counter(billed.values()) for day, billed in self._billed.items() if billed}
        return {
            day: {**{kind: counts.get(kind, 0) for kind in PRICES}, "usd": _mills(counts) / 1000}
            for day, counts in days.items()
        }

    def usd(self) -> float:
        """Everything billed so far."""
        with self._lock:
            return _mills(self._totals) / 1000

    def post_read_count(self) -> int:
        """Billed post reads so far, owned ones included."""
        with self._lock:
            return self._post_reads

    def as_json(self) -> list[dict[str, Any]]:
        """The request log for the admin endpoint."""
        return [asdict(entry) for entry in self.requests()]


def _mills(counts: Counter[str]) -> int:
    return sum(PRICES[kind] * count for kind, count in counts.items())
