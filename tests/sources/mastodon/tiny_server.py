"""Small Mastodon servers on loopback, many behind one address: accounts and statuses of a test's own. Holds no test."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipeline.simulate.faults import Fault
from pipeline.simulate.responses import Response
from pipeline.simulate.wire import listen

Query = list[tuple[str, str]]
NOT_FOUND = 404, {"error": "Record not found"}
NO_ROUTE = 404, b"<html>The page you are looking for does not exist</html>"


@dataclass
class Reply:
    """One scripted reply; without a body the honest answer, which `change` may alter."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    wire: str = ""


@dataclass
class TinyServer:
    """One server: accounts and statuses by id, newest statuses first; `aliases`: domains whose handles live here."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    has_batches: bool = True
    has_links: bool = True
    page_size: int = 40
    robots: str | None = None

    def answer(self, path: str, query: Query) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of a call below /api/v1."""
        fields, (_, *parts) = dict(query), path.split("/")
        if parts == ["accounts", "lookup"]:
            by_name = {account["username"].casefold(): account for account in self.accounts.values()}
            found = by_name.get(fields["acct"].casefold())
            return (200, found, {}) if found else (*NOT_FOUND, {})
        if parts[0] == "accounts" and len(parts) == 2:
            found = self.accounts.get(parts[1])
            return (200, found, {}) if found else (*NOT_FOUND, {})
        if parts[0] == "accounts" and parts[1] in self.accounts:
            return self._page(parts[1], fields)
        shown = {each["id"]: each for feed in self.statuses.values() for each in feed if each["id"] not in self.gone}
        if parts == ["statuses"]:
            ids = [value for name, value in query if name == "id[]"]
            return (200, [shown[key] for key in ids if key in shown], {}) if self.has_batches else (*NO_ROUTE, {})
        return (200, shown[parts[1]], {}) if parts[0] == "statuses" and parts[1] in shown else (*NOT_FOUND, {})

    def _page(self, account_id: str, fields: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        feed = [each for each in self.statuses.get(account_id, []) if each["id"] not in self.gone]
        if "max_id" in fields:
            feed = [each for each in feed if int(each["id"]) < int(fields["max_id"])]
        size = min(self.page_size, int(fields["limit"]))
        page = feed[:size]
        if not (self.has_links and len(feed) > size):
            return 200, page, {}
        following = urlencode({**fields, "max_id": page[-1]["id"]})
        return (
            200,
            page,
            {"Link": f'<https://any.example/x?{following}>; rel="next", <https://any.example/y>; rel="prev"'},
        )


@dataclass
class TinyFediverse:
    """Servers by host; `handles`: host by the domain of handles that are served elsewhere; scripted replies by call."""

    servers: dict[str, TinyServer]
    homes: dict[str, str] = field(default_factory=dict)
    script: dict[str, list[Reply | None]] = field(default_factory=dict)
    requests: list[tuple[str, str, Query, dict[str, str]]] = field(default_factory=list)
    on_request: Callable[[int], None] = lambda _number: None
    base_url: str = ""
    date: str = "Sun, 22 Nov 2026 12:00:00 GMT"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self, host: str = "") -> list[str]:
        """Paths that were asked for, in order, of one server or of all."""
        return [path for asked, path, _, _ in self.requests if host in {"", asked}]

    def answer(self, host: str, path: str, query: Query) -> tuple[int, Any, dict[str, str]]:
        """The honest answer of a server."""
        if path == "/.well-known/webfinger":
            name, _, domain = dict(query)["resource"].removeprefix("acct:").partition("@")
            home = self.homes.get(domain, domain)
            if home != host:
                location = f"https://{home}{path}?{urlencode(query)}"
                return 301, b"", {"Location": location}
            known = {account["username"].casefold() for account in self.servers[home].accounts.values()}
            link = {"rel": "self", "type": "application/activity+json", "href": f"https://{home}/users/{name}"}
            found = {"subject": f"acct:{name}@{domain}", "links": [link]}
            return (200, found, {}) if name.casefold() in known else (404, b"", {})
        server = self.servers[host]
        if path == "/robots.txt":
            return (404, b"", {}) if server.robots is None else (200, server.robots.encode(), {})
        return server.answer(path.removeprefix("/api/v1"), query)

    def respond(self, target: str, headers: Message, _body: bytes | None) -> tuple[Response, Fault | None]:
        """The next reply of the script, by path or by host and path, or the honest answer."""
        url = urlsplit(target)
        _, host, path = url.path.split("/", 2)
        path, query = f"/{path}", parse_qsl(url.query)
        with self.lock:
            self.requests.append((host, path, query, dict(headers)))
            self.on_request(len(self.requests))
            queue = self.script.get(f"{host}{path}") or self.script.get(host) or self.script.get(path) or []
            reply = (queue.pop(0) if queue else None) or Reply()
            status, body, extra = reply.status, reply.body, dict(reply.headers)
            if body is None:
                status, body, own = self.answer(host, path, query)
                body = reply.change(body) if reply.change else body
                extra = {**own, **extra}
                status = reply.status if reply.status != 200 else status
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if raw.startswith(b"<") else "application/json"
        answer = Response(status, raw=raw, content_type=kind, headers=extra)
        return answer, Fault("*", reply.wire, seconds=0.05) if reply.wire else None


@contextmanager
def run_tiny_fediverse(tiny: TinyFediverse) -> Iterator[TinyFediverse]:
    """Serve on a free loopback port until the block ends."""
    with listen(tiny.respond, date=lambda: tiny.date) as tiny.base_url:
        yield tiny
