"""Scripted faults: what goes wrong, on which request, how often.

Kinds that answer instead of the platform (nothing served, nothing billed):
    status             `status`, `body`, `headers` as given (header value None removes it)
    window_limit       429, remaining 0; `reset` is normal, absent, past, far (a year), or text (non-numeric)
    second_limit       429, remaining > 0, reset as usual: one request a second
    usage_cap          429 UsageCapExceeded, remaining 39999
    credits_depleted   402
    not_enrolled       403 client-not-enrolled, no errors[]
    missing_endpoint   404, zero bytes
    server_json, server_html, server_list   `status` (default 503) with a JSON object, an HTML page, a JSON list
    html, json_list, zero_bytes             200 with an HTML page, a JSON list, nothing
    disconnect         the connection closes before a status line

Kinds that spoil the bytes of a real answer (served and billed):
    delay              the answer waits `seconds`
    drip               a byte every `seconds`
    header_drip        the same before the body, inside a header
    close              the connection closes in the middle of the body
    truncated          half the JSON, under a Content-Length that fits it
    endless            the body never ends

Kinds that change a real answer (billed for what it then holds):
    duplicate_page     the previous page of the same path again, with this page's next token
    repeating_token    next_token is the token of this very page
    empty_page         result_count 0 with a token that leads on to what this page would have held
    short_page         `count` objects, with a token that leads on
    late_posts         `count` posts behind the newest are not there yet
    out_of_order       the objects in another order
    dialect            the other vocabulary than the one asked for
    missing_field      `field_path` (dotted) is left out of every object
    extra_field        every object has a field `demo_unknown`
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ANSWERS = frozenset(
    [
        "status",
        "window_limit",
        "second_limit",
        "usage_cap",
        "credits_depleted",
        "not_enrolled",
        "missing_endpoint",
        "server_json",
        "server_html",
        "server_list",
        "html",
        "json_list",
        "zero_bytes",
        "disconnect",
    ]
)
WIRE = frozenset({"delay", "drip", "header_drip", "close", "truncated", "endless"})
CONTENT = frozenset(
    [
        "duplicate_page",
        "repeating_token",
        "empty_page",
        "short_page",
        "late_posts",
        "out_of_order",
        "dialect",
        "missing_field",
        "extra_field",
    ]
)
KINDS = ANSWERS | WIRE | CONTENT


@dataclass(frozen=True)
class Fault:
    """One fault; it strikes `times` requests in a row of a route, from request `at` (0 is the first) or at once.

    Raises:
        ValueError: the kind is not one of KINDS.
    """

    route: str  # users_by, users, timeline, posts, me, usage, analytics, or * for all
    kind: str
    at: int | None = None
    times: int = 1
    status: int = 503
    body: str = ""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    reset: str = "normal"
    seconds: float = 0.1
    count: int = 2
    field_path: str = "public_metrics"

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
