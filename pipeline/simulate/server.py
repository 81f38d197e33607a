"""The loopback server: HTTP around the endpoints, tokens, rate windows, billing, faults and an admin side.

X answers under /2, Bluesky's AppView under /xrpc, Bitly under /v4, every home server of Mastodon under its own name, as
`TWEETBENCH_MASTODON_API_BASE_URL` asks for it; one clock, one log and one queue of faults serve them all.

`python -m pipeline.simulate.command --port 0 --token TOKEN --now 2026-10-01T06:00:00Z` prints its base URL on one line
and serves until it is stopped. It binds to 127.0.0.1 only. What the answers say belongs to `routes`.

Admin side, without a token: GET /__admin/log, /__admin/billing, /__admin/clock; POST /__admin/clock with
{"now": ISO time} or {"advance_seconds": n}.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipeline.simulate import problems
from pipeline.simulate.appview import appview_service
from pipeline.simulate.bitly_server import ShortLinks, bitly_service
from pipeline.simulate.cast import OWN
from pipeline.simulate.demo_clock import Clock, DemoClock
from pipeline.simulate.elsewhere import Elsewhere
from pipeline.simulate.faults import ANSWERS, CONTENT, WIRE, Fault, FaultQueue
from pipeline.simulate.ledger import Admin
from pipeline.simulate.limits import RateWindows
from pipeline.simulate.mastodon_server import mastodon_service
from pipeline.simulate.parameters import BadParameterError, dialect_of
from pipeline.simulate.responses import Call, Options, Response, Service
from pipeline.simulate.routes import answer_call
from pipeline.simulate.spoiling import HTML_PAGE, PageMemory, change
from pipeline.simulate.wire import listen
from pipeline.simulate.world import World

_X_PATHS = (
    ("users_by", re.compile(r"/2/users/by")),
    ("me", re.compile(r"/2/users/me")),
    ("timeline", re.compile(r"/2/users/(?P<id>[^/]+)/tweets")),
    ("users", re.compile(r"/2/users")),
    ("posts", re.compile(r"/2/tweets")),
)
_OAUTH_TOKEN = re.compile(r'oauth_token="([^"]*)"')


@dataclass(frozen=True)
class DemoServer:
    """A running server. `admin` and `faults` may be used while it serves; `clock` is the one that it was given."""

    base_url: str
    admin: Admin
    faults: FaultQueue
    clock: Clock
    world: World


class _State:
    """What the request threads share."""

    def __init__(
        self, world: World, clock: Clock, faults: FaultQueue, options: Options, elsewhere: Sequence[Elsewhere]
    ) -> None:
        self.world, self.clock, self.faults, self.options = world, clock, faults, options
        self.admin = Admin()
        self.services = [_x_service(world, options), *(_service(site, options) for site in elsewhere)]
        self.services += [bitly_service(ShortLinks(tuple(elsewhere)))] if elsewhere else []
        self.memory = PageMemory()
        self.billing_lock = threading.Lock()

    def reply(self, target: str, headers: Message, body: bytes | None) -> tuple[Response, Fault | None]:
        """The answer to a request, of the platform or of the admin side."""
        path = urlsplit(target).path
        if body is None and not path.startswith("/__admin/"):
            return self.respond(target, headers.get("Authorization", ""))
        found = self.administer(path, json.loads(body or b"null"))
        return Response(404 if found is None else 200, raw=b"" if found is None else json.dumps(found).encode()), None

    def respond(self, target: str, authorization: str) -> tuple[Response, Fault | None]:
        """The answer to one GET, logged and billed, and the fault that is to spoil its bytes."""
        parts, now = urlsplit(target), self.clock()
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        params = dict(pairs)
        matches = (
            (service, name, match)
            for service in self.services
            for name, pattern in service.paths
            if (match := pattern.fullmatch(parts.path))
        )
        service, route, match = next(matches, (self.services[0], "unknown", None))
        caller = self._caller(authorization) if service.needs_token else "anyone"
        fault = None
        if match is None:
            answer = Response(404, raw=b"")
        elif caller == "none":
            answer = Response(401, problems.UNAUTHORIZED)
        else:
            named = match.groupdict()
            account = OWN if caller == "user" else None
            path_id, host = named.get("id") or "", named.get("host") or ""
            call = Call(route, parts.path, params, path_id, caller, account, now, pairs, host)
            fault = self.faults.take(route)
            answer = self._answer(service, call, fault)
        self.admin.record(
            at=now.isoformat(),
            method="GET",
            path=parts.path,
            route=route,
            params=params,
            status=answer.status,
            caller=caller,
            fault=fault.kind if fault else None,
            dialect=dialect_of(params),
            served=answer.served,
        )
        return answer, fault if fault and fault.kind in WIRE | {"disconnect"} else None

    def _answer(self, service: Service, call: Call, fault: Fault | None) -> Response:
        rate, is_allowed = service.count(call)
        if fault and fault.kind in ANSWERS:
            return replace(Response(0) if fault.kind == "disconnect" else HTML_PAGE, headers=rate)
        if not is_allowed:
            return Response(429, service.too_many, headers=rate)
        with self.billing_lock:
            answer = self._real_answer(service, call, fault)
            self.admin.bill(answer.resources, call.now)
        return replace(answer, headers={**rate, **answer.headers})

    def _real_answer(self, service: Service, call: Call, fault: Fault | None) -> Response:
        try:
            answer = service.answer(call)
        except BadParameterError as refusal:
            return service.refuse(call, refusal)
        data = answer.page.items if answer.page else (answer.body or {}).get("data")
        before = self.memory.swap(call.path, data) if isinstance(data, list) else []
        return change(fault, call, answer, before) if fault and fault.kind in CONTENT else answer

    def _caller(self, authorization: str) -> str:
        kind, _, rest = authorization.partition(" ")
        signed = _OAUTH_TOKEN.search(rest) if kind == "OAuth" else None
        token = signed[1] if signed else rest if kind == "Bearer" else ""
        callers = {self.options.user_token: "user"} | ({} if signed else {self.options.token: "app"})
        return callers.get(token, "none")

    def administer(self, path: str, body: Any) -> Any:
        """Answer of the admin side; None where there is no such thing."""
        if path == "/__admin/log":
            return self.admin.as_json()
        if path == "/__admin/billing":
            return self.admin.billing()
        if path != "/__admin/clock":
            return None
        if body is not None and isinstance(self.clock, DemoClock):
            if "now" in body:
                self.clock.set(datetime.fromisoformat(body["now"]).astimezone(UTC))
            self.clock.advance(timedelta(seconds=float(body.get("advance_seconds", 0))))
        return {"now": self.clock().isoformat()}


def _x_service(world: World, options: Options) -> Service:
    windows = RateWindows(options.rate_limits)

    def count(call: Call) -> tuple[dict[str, str | None], bool]:
        reading = windows.count(call.route, call.caller, call.now)
        return dict(reading.headers()), reading.is_allowed

    def refuse(call: Call, refusal: BadParameterError) -> Response:
        echoed = {name: [value] for name, value in call.params.items() if name == refusal.name}
        return Response(400, problems.invalid_request(refusal.message, echoed))

    return Service(_X_PATHS, lambda call: answer_call(world, call), refuse, count, problems.TOO_MANY, needs_token=True)


def _service(site: Elsewhere, options: Options) -> Service:
    make = {"bluesky": appview_service, "mastodon": mastodon_service}[site.platform]
    return make(site, options.rate_limits)


@contextmanager
def serve(
    world: World,
    *,
    elsewhere: Sequence[Elsewhere] = (),
    clock: Clock,
    faults: Iterable[Fault] = (),
    options: Options | None = None,
    token: str | None = None,
    port: int = 0,
) -> Iterator[DemoServer]:
    """Serve a world on a free loopback port until the block ends.

    Args:
        world: what is served.
        elsewhere: its businesses on other platforms.
        clock: UTC time of the platform; a DemoClock can be moved while it serves.
        faults: scripted faults; more can be added to the yielded server's `faults`.
        options: tokens, limits, caps.
        token: short for `Options(token=...)`.
        port: 0 for any free one.
    """
    chosen = options or Options()
    chosen = replace(chosen, token=token) if token else chosen
    queue = FaultQueue(faults)
    state = _State(world, clock, queue, chosen, elsewhere)
    with listen(state.reply, date=lambda: formatdate(clock().timestamp(), usegmt=True), port=port) as base_url:
        yield DemoServer(base_url, state.admin, queue, clock, world)
