"""An HTTP server on loopback that answers as a made-up platform would, or as a test's script says. Holds no test.

What is served, and under which paths, is the subclass's.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pipeline.simulate.faults import Fault
from pipeline.simulate.responses import Response
from pipeline.simulate.wire import listen


@dataclass
class Reply:
    """One scripted reply; without a body the honest answer, which `change` may alter, with this status and headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    wire: str = ""  # a fault of the wire, see `pipeline.simulate.faults`


@dataclass
class RateLimit:
    """So many requests in a window of seconds, announced in headers; `refused` counts those beyond.

    `key_of` gives what a path and its query are counted by, `clock` the seconds since the server's date.
    """

    most: int
    seconds: float
    key_of: Callable[[str, Any], str]
    clock: Callable[[], float]
    opened: dict[str, tuple[float, int]] = field(default_factory=dict)
    refused: int = 0

    def count(self, name: str, query: Any, epoch: float) -> tuple[bool, dict[str, str]]:
        """Whether a request is one too many, and the headers of its answer; `epoch` is the server's date."""
        key, now = self.key_of(name, query), self.clock()
        start, used = self.opened.get(key, (now, 0))
        start, used = (now, 0) if now >= start + self.seconds else (start, used)
        self.opened[key] = start, used + 1
        self.refused += used >= self.most
        left = start + self.seconds - now
        headers = {"remaining": str(max(0, self.most - used - 1)), "reset": str(ceil(epoch + left))}
        return used >= self.most, {f"x-rate-limit-{name}": value for name, value in headers.items()}


@dataclass
class ScriptedServer:
    """The script of the next replies by path, or `*` for any, and what was asked: path, query, headers.

    `served` lists the ids of posts and accounts as they were served.
    """

    script: dict[str, list[Reply | None]] = field(default_factory=dict, kw_only=True)
    requests: list[tuple[str, Any, dict[str, str]]] = field(default_factory=list, kw_only=True)
    on_request: Callable[[int], None] = field(default=lambda _number: None, kw_only=True)
    served: list[str] = field(default_factory=list, kw_only=True)
    limit: RateLimit | None = field(default=None, kw_only=True)
    page_size: int = field(default=100, kw_only=True)
    base_url: str = field(default="", kw_only=True)
    date: str = field(default="Sun, 22 Nov 2026 12:00:00 GMT", kw_only=True)
    lock: threading.Lock = field(default_factory=threading.Lock, kw_only=True)

    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [path for path, _, _ in self.requests]

    def name_of(self, path: str) -> str:
        """What the script and the log call a path."""
        return path

    def read_query(self, pairs: list[tuple[str, str]]) -> Any:
        """What the log and `answer` get of a query."""
        return pairs

    def answer(self, name: str, query: Any) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of the honest answer."""
        raise NotImplementedError

    def note_served(self, body: Any) -> None:
        """Called with each honest body that is sent with status 200."""

    def script_keys(self, name: str, query: Any) -> list[str]:
        """Keys of the script that a request takes its reply from: the first that has one left."""
        del query
        return [name, "*"]

    def respond(self, target: str, headers: Message, _body: bytes | None) -> tuple[Response, Fault | None]:
        """The next reply of the script, or the honest answer."""
        url = urlsplit(target)
        name, query = self.name_of(url.path), self.read_query(parse_qsl(url.query, keep_blank_values=True))
        with self.lock:
            self.requests.append((name, query, dict(headers)))
            self.on_request(len(self.requests))
            reply = self._next_reply(name, query)
            status, body, sent = reply.status, reply.body, dict(reply.headers)
            if body is None:
                honest, body, linked = self.answer(name, query)
                body, sent = reply.change(body) if reply.change else body, {**linked, **sent}
                status = honest if status == 200 else status
                if status == 200:
                    self.note_served(body)
            if self.limit is not None:
                is_refused, limits = self.limit.count(name, query, parsedate_to_datetime(self.date).timestamp())
                status, body, sent = (429, {}, limits) if is_refused else (status, body, {**limits, **sent})
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if raw.startswith(b"<") else "application/json"
        answer = Response(status, raw=raw, content_type=kind, headers=sent)
        return answer, Fault("*", reply.wire, seconds=0.05) if reply.wire else None

    def _next_reply(self, name: str, query: Any) -> Reply:
        queues = (self.script.get(key) for key in self.script_keys(name, query))
        queue = next(filter(None, queues), None)
        return (queue.pop(0) if queue else None) or Reply()


Server = TypeVar("Server", bound=ScriptedServer)


@contextmanager
def serve(server: Server) -> Iterator[Server]:
    """Serve on a free loopback port until the block ends."""
    with listen(server.respond, date=lambda: server.date) as server.base_url:
        yield server


def most_within(seconds: float, times: list[float]) -> int:
    """The most times, given in order, that any stretch of so many seconds holds."""
    return max(sum(start <= time < start + seconds for time in times[place:]) for place, start in enumerate(times))
