"""A loopback X API for unit tests: real paging over a list of posts, and scripted replies. Holds no test."""

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Reply:
    """One scripted reply; without body and change, the real answer with this status and these headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], Any] | None = None
    wire: str = "whole"  # whole, cut (half the body, then closed), drip, header_drip, reset


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
    on_request: Callable[[int, str], None] = lambda _number, _moment: None
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

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query))
            with tiny.lock:
                tiny.requests.append((url.path, query, dict(self.headers)))
                number = len(tiny.requests)
                tiny.on_request(number, "asked")
                reply = _next_reply(tiny, url.path) or Reply()
                body = reply.body
                if body is None:
                    body = tiny.answer(url.path, query)
                    body = reply.change(body) if reply.change else body
                    reply = replace(reply, status=tiny.status_of(body)) if reply.status == 200 else reply
                    if reply.status == 200 and isinstance(body, dict):
                        data = body.get("data", [])
                        tiny.served += [item["id"] for item in (data if isinstance(data, list) else [data])]
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._send(reply, body if isinstance(body, bytes) else json.dumps(body).encode())
            tiny.on_request(number, "answered")

        def _send(self, reply: Reply, data: bytes) -> None:
            if reply.wire == "reset":
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.wire == "header_drip":
                self._drip(b"x-slow: " + b"a" * 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if reply.wire == "drip":
                self._drip(data)
            elif reply.wire == "cut":
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
            else:
                self.wfile.write(data)
            self.wfile.flush()

        def _drip(self, data: bytes) -> None:
            self.flush_headers()
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.05)

        def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - signature of the base
            return tiny.date

        def log_message(self, *_: Any) -> None:
            return

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            # Clients that are killed hang up; anything else is a defect and is shown.
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Listener(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    tiny.base_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tiny
    finally:
        server.shutdown()
        server.server_close()


def _next_reply(tiny: TinyX, path: str) -> Reply | None:
    queue = tiny.script.get(path) or tiny.script.get("*") or []
    return queue.pop(0) if queue else None
