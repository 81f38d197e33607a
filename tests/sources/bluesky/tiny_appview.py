"""A small AppView on loopback: profiles, feeds and posts of a test's own, scripted replies, a log. Holds no test."""

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

HTML_403 = b"<html><head><title>403 Forbidden</title></head><body>openresty</body></html>"


@dataclass
class Reply:
    """One scripted reply; without a body the honest answer, which `change` may alter."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], Any] | None = None
    wire: str = ""


@dataclass
class TinyAppView:
    """What is served: profiles by DID, feeds by DID, refusals by DID or handle as (error, message)."""

    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    feeds: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    script: dict[str, list[Reply | None]] = field(default_factory=dict)
    requests: list[tuple[str, list[tuple[str, str]], dict[str, str]]] = field(default_factory=list)
    page_size: int = 100
    on_request: Callable[[int], None] = lambda _number: None
    base_url: str = ""
    date: str = "Sun, 22 Nov 2026 12:00:00 GMT"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self, name: str) -> list[list[tuple[str, str]]]:
        """Queries of one call, in order."""
        return [query for path, query, _ in self.requests if path == name]

    def answer(self, name: str, query: list[tuple[str, str]]) -> tuple[int, Any]:
        """The honest answer to a request."""
        fields, values = dict(query), [value for _, value in query]
        if name == "app.bsky.actor.getProfiles":
            found = (self._profile(actor) for actor in values)
            return 200, {"profiles": [profile for profile in found if profile]}
        if name == "app.bsky.actor.getProfile":
            return self._refusal(fields["actor"]) or (200, self._profile(fields["actor"]))
        if name == "com.atproto.identity.resolveHandle":
            profile = self._by_name(fields["handle"])
            return (200, {"did": profile["did"]}) if profile else _refused("InvalidRequest", "Unable to resolve handle")
        if name == "app.bsky.feed.getPosts":
            posts = [entry["post"] for feed in self.feeds.values() for entry in feed if "reason" not in entry]
            return 200, {"posts": [post for post in posts if post["uri"] in values and post["uri"] not in self.gone]}
        return self._refusal(fields["actor"]) or (200, self._feed(fields))

    def respond(self, target: str, headers: Message, _body: bytes | None) -> tuple[Response, Fault | None]:
        """The next reply of the script, or the honest answer."""
        url = urlsplit(target)
        name, query = url.path.removeprefix("/xrpc/"), parse_qsl(url.query)
        with self.lock:
            self.requests.append((name, query, dict(headers)))
            self.on_request(len(self.requests))
            queue = self.script.get(name) or self.script.get("*") or []
            reply = (queue.pop(0) if queue else None) or Reply()
            status, body = reply.status, reply.body
            if body is None:
                status, body = self.answer(name, query)
                body = reply.change(body) if reply.change else body
                status = reply.status if reply.status != 200 else status
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if raw.startswith(b"<") else "application/json"
        answer = Response(status, raw=raw, content_type=kind, headers=dict(reply.headers))
        return answer, Fault("*", reply.wire, seconds=0.05) if reply.wire else None

    def _feed(self, fields: dict[str, str]) -> dict[str, Any]:
        profile = self._by_name(fields["actor"])
        feed = [
            entry
            for entry in self.feeds.get(profile["did"] if profile else "", [])
            if entry.get("post", {}).get("uri") not in self.gone
        ]
        start, size = int(fields.get("cursor", "0")), min(self.page_size, int(fields["limit"]))
        more = {"cursor": str(start + size)} if start + size < len(feed) else {}
        return {"feed": feed[start : start + size], **more}

    def _profile(self, actor: str) -> dict[str, Any] | None:
        return None if self._refusal(actor) else self._by_name(actor)

    def _by_name(self, actor: str) -> dict[str, Any] | None:
        by_handle = {profile.get("handle"): profile for profile in self.profiles.values()}
        return self.profiles.get(actor) or by_handle.get(actor)

    def _refusal(self, actor: str) -> tuple[int, Any] | None:
        if actor in self.refusals:
            return _refused(*self.refusals[actor])
        return None if self._by_name(actor) else _refused("InvalidRequest", "Profile not found")


def _refused(error: str, message: str) -> tuple[int, Any]:
    return 400, {"error": error, "message": message}


@contextmanager
def run_tiny_appview(tiny: TinyAppView) -> Iterator[TinyAppView]:
    """Serve on a free loopback port until the block ends."""
    with listen(tiny.respond, date=lambda: tiny.date) as tiny.base_url:
        yield tiny
