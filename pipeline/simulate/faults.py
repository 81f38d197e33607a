"""Scripted faults: what goes wrong, on which request, how often. Refusals are not among them: tests script those whole.

Kinds that answer instead of the platform (nothing served, nothing billed):
    html               200 with an HTML page
    disconnect         the connection closes before a status line

Kinds that spoil the bytes of a real answer (served and billed):
    drip               a byte every `seconds`
    header_drip        the same before the body, inside a header
    close              the connection closes in the middle of the body
    truncated          half the JSON, under a Content-Length that fits it

Kinds that change a real answer (billed for what it then holds):
    duplicate_page     the previous page of the same path again, with this page's next token
    empty_page         result_count 0 with a token that leads on to what this page would have held
    short_page         `count` objects, with a token that leads on
    out_of_order       the objects in another order
    dialect            the other vocabulary than the one asked for
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

ANSWERS = frozenset({"html", "disconnect"})
WIRE = frozenset({"drip", "header_drip", "close", "truncated"})
CONTENT = frozenset({"duplicate_page", "empty_page", "short_page", "out_of_order", "dialect"})
KINDS = ANSWERS | WIRE | CONTENT


@dataclass(frozen=True)
class Fault:
    """One fault; it strikes `times` requests in a row of a route, from request `at` (0 is the first) or at once.

    Raises:
        ValueError: the kind is not one of KINDS.
    """

    route: str  # users_by, users, timeline, posts, me, or * for all
    kind: str
    at: int | None = None
    times: int = 1
    seconds: float = 0.1
    count: int = 2

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(sorted(KINDS))}")


class FaultQueue:
    """Hands each request the fault that is due; faults without `at` strike in the order given."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, list[int]]] = [(fault, [fault.times]) for fault in faults]
        self._seen: dict[str, int] = {}

    def add(self, *faults: Fault) -> None:
        """Queue further faults; their `at` counts from the server's first request."""
        with self._lock:
            self._waiting += [(fault, [fault.times]) for fault in faults]

    def take(self, route: str) -> Fault | None:
        """The fault for the next request of a route, if one is due."""
        with self._lock:
            number = {route: self._seen.get(route, 0), "*": self._seen.get("*", 0)}
            for name in number:
                self._seen[name] = number[name] + 1
            for fault, left in self._waiting:
                if fault.route not in number or left[0] <= 0:
                    continue
                if fault.at is None or fault.at <= number[fault.route] < fault.at + fault.times:
                    left[0] -= 1
                    return fault
        return None
