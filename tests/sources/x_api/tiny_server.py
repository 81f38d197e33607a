"""Accounts and posts of a test's own behind the HTTP of the demo platform, and scripted replies. Holds no test."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipeline.simulate.faults import Fault
from pipeline.simulate.responses import Response
from pipeline.simulate.wire import listen


@dataclass
class Reply:
    """One scripted reply; without body and change, the real answer with this status and these headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], Any] | None = None
    wire: str = ""  # a fault of the wire, see `pipeline.simulate.faults`


@dataclass
class TinyX:
    """What is served, the script of the next replies by path, and what was asked and served."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    script: dict[str, list[Reply | None]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    cap: int = 3_200
    page_size: int = 100
    status_of: Callable[[Any], int] = lambda _body: 200
    on_request: Callable[[int], None] = lambda _number: None
    base_url: str = ""
    date: str = "Sun, 22 Nov 2026 12:00:00 GMT"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [path for path, _, _ in self.requests]

    def answer(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """The honest answer to a request."""
        parts = path.strip("/").split("/")
        if path == "/2/users/me":
            return {"data": next(iter(self.accounts.values()))}
        if path == "/2/users/by":
            by_handle = {item["username"].casefold(): item for item in self.accounts.values()}
            return _lookup(by_handle, query["usernames"].split(","), "usernames", "user", str.casefold)
        if path == "/2/users":
            return _lookup(self.accounts, query["ids"].split(","), "ids", "user", str)
        if path == "/2/tweets":
            by_id = {post["id"]: post for posts in self.posts.values() for post in posts}
            return _lookup(by_id, query["ids"].split(","), "ids", "tweet", str)
        return self._timeline(self.posts.get(parts[2], []), query)

    def _timeline(self, posts: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        newest = sorted(posts, key=lambda post: -int(post["id"]))[: self.cap]
        since, until = int(query.get("since_id", 0)), int(query.get("until_id", 2**63))
        window = [post for post in newest if since < int(post["id"]) < until]
        start = int(query.get("pagination_token", "t0")[1:])
        size = min(int(query.get("max_results", 10)), self.page_size)
        page = window[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if start + size < len(window):
            meta["next_token"] = f"t{start + size}"
        return {"data": page, "meta": meta} if page else {"meta": meta}

    def respond(self, target: str, headers: Message, _body: bytes | None) -> tuple[Response, Fault | None]:
        """The next reply of the script, or the honest answer; noted among what was asked and served."""
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        with self.lock:
            self.requests.append((url.path, query, dict(headers)))
            self.on_request(len(self.requests))
            reply = self._next_reply(url.path) or Reply()
            body, status = reply.body, reply.status
            if body is None:
                body = self.answer(url.path, query)
                body = reply.change(body) if reply.change else body
                status = self.status_of(body) if status == 200 else status
                if status == 200 and isinstance(body, dict):
                    data = body.get("data", [])
                    self.served += [item["id"] for item in (data if isinstance(data, list) else [data])]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Response(status, raw=raw, content_type="application/json", headers=dict(reply.headers))
        return answer, Fault("*", reply.wire, seconds=0.05) if reply.wire else None

    def _next_reply(self, path: str) -> Reply | None:
        queue = self.script.get(path) or self.script.get("*") or []
        return queue.pop(0) if queue else None


def _lookup(
    known: dict[str, dict[str, Any]], asked: list[str], parameter: str, kind: str, fold: Callable[[str], str]
) -> dict[str, Any]:
    found = [known[fold(key)] for key in asked if fold(key) in known]
    lost = [key for key in asked if fold(key) not in known]
    errors = [
        {
            "value": key,
            "resource_id": key,
            "parameter": parameter,
            "resource_type": kind,
            "title": "Not Found Error",
            "detail": f"Could not find {kind} with {parameter}: [{key}].",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }
        for key in lost
    ]
    return {**({"data": found} if found else {}), **({"errors": errors} if errors else {})}


@contextmanager
def run_tiny_server(tiny: TinyX) -> Iterator[TinyX]:
    """Serve on a free loopback port until the block ends."""
    with listen(tiny.respond, date=lambda: tiny.date) as tiny.base_url:
        yield tiny
