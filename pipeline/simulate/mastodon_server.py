"""Home servers of Mastodon over the demo world: WebFinger and API v1, as a server answers that has them. Pure.

Each server speaks for its own accounts; one of them speaks to its own users alone.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from pipeline.simulate.elsewhere import CLOSED_HOST, MASTODON_HOSTS, Elsewhere, local_id, written_time
from pipeline.simulate.limits import RateWindows
from pipeline.simulate.mastodon_rendering import render_account, render_status
from pipeline.simulate.parameters import NUMBER, BadParameterError, check_value, read_integer
from pipeline.simulate.posts import REPOST
from pipeline.simulate.responses import Call, Page, Response, Service
from pipeline.simulate.vocabulary import Json

_HOST = r"/(?P<host>[a-z0-9.-]+\.[a-z]+)"
PATHS = tuple(
    (name, re.compile(_HOST + path))
    for name, path in {
        "robots": r"/robots\.txt",
        "webfinger": r"/\.well-known/webfinger",
        "account_lookup": r"/api/v1/accounts/lookup",
        "accounts": r"/api/v1/accounts",
        "statuses_of": r"/api/v1/accounts/(?P<id>\w+)/statuses",
        "account": r"/api/v1/accounts/(?P<id>\w+)",
        "statuses": r"/api/v1/statuses",
        "rules": r"/api/v1/instance/rules",
        "status": r"/api/v1/statuses/(?P<id>\w+)",
    }.items()
)
ROBOTS = b"User-agent: *\nDisallow: /media_proxy/\nDisallow: /interact/\n"
# One of the servers has something to say to programs that read.
RULES = {
    MASTODON_HOSTS[0]: ("Be kind to one another; this server is invented",),
    MASTODON_HOSTS[-1]: ("Be kind to one another; this server is invented", "Ask us before you crawl or archive posts"),
}
BATCH, ACCOUNTS = 20, 40
NOT_FOUND: Json = {"error": "Record not found"}
# Requests a server takes in five minutes, and, in a quarter of an hour, pages beyond the first.
LIMITS = {"mastodon": (300, 300), "mastodon_paging": (300, 300)}
LENGTHS = {"mastodon": timedelta(minutes=5), "mastodon_paging": timedelta(minutes=15)}
PAGING_MARKS = {"max_id", "min_id", "since_id", "page"}


def answer(site: Elsewhere, call: Call) -> Response:
    """The answer to one request.

    Raises:
        BadParameterError: a number that is none.
    """
    if call.host not in {*MASTODON_HOSTS, CLOSED_HOST}:
        return Response(404, NOT_FOUND)
    if call.route == "robots":
        return Response(200, raw=ROBOTS, content_type="text/plain; charset=utf-8")
    if call.route == "webfinger":
        return _webfinger(site, call)
    if call.host == CLOSED_HOST:
        return Response(401, {"error": "This API requires an authenticated user"})
    if call.route == "rules":
        return _listed([{"id": str(place), "text": text, "hint": ""} for place, text in enumerate(RULES[call.host], 1)])
    if call.route == "account_lookup":
        return _account(site, site.world.find_handle(f"{call.params.get('acct', '')}@{call.host}", call.now), call)
    if call.route == "accounts":
        return _accounts(site, call)
    if call.route == "account":
        return _account(site, site.world.find_account(f"{call.host}/{call.path_id}"), call)
    if call.route == "statuses_of":
        return _statuses_of(site, call)
    names = [call.path_id] if call.route == "status" else call.values("id[]")[:BATCH]
    rows = [row for name in names if (row := site.find_row(f"{call.host}/{name}", call.now)) is not None]
    posts = [render_status(site, row, call.now) for row in rows if _is_shown(site, row, call.now)]
    if call.route == "status":
        return Response(200, posts[0]) if posts else Response(404, NOT_FOUND)
    return _listed(posts)


def mastodon_service(site: Elsewhere, limits: Mapping[str, int]) -> Service:
    """The home servers as a service; each counts on its own, and pages beyond the first once more."""
    windows = {name: RateWindows(limits, LIMITS, LENGTHS[name]) for name in LIMITS}

    def count(call: Call) -> tuple[dict[str, str | None], bool]:
        if not call.route.startswith(("account", "status")):
            return {}, True
        names = ["mastodon", *(["mastodon_paging"] if call.params.keys() & PAGING_MARKS else [])]
        readings = [windows[name].count(name, call.host, call.now) for name in names]
        tightest = min(readings, key=lambda reading: (reading.is_allowed, reading.remaining))
        reset = written_time(datetime.fromtimestamp(tightest.reset, UTC)).replace("Z", "000Z")
        headers = {"X-RateLimit-Limit": str(tightest.limit), "X-RateLimit-Remaining": str(tightest.remaining)}
        return {**headers, "X-RateLimit-Reset": reset}, tightest.is_allowed

    def refuse(_call: Call, refusal: BadParameterError) -> Response:
        return Response(400, {"error": refusal.message})

    return Service(PATHS, lambda call: answer(site, call), refuse, count, {"error": "Too many requests"})


def _is_shown(site: Elsewhere, row: int, now: datetime) -> bool:
    """False for a boost of a post that has gone, and with which it went."""
    return site.world.posts.kind[row] != REPOST or site.source_row(row, now) is not None


def _listed(posts: list[Json], link: str | None = None) -> Response:
    raw = json.dumps(posts, ensure_ascii=False).encode()
    return Response(200, raw=raw, served=tuple(post["id"] for post in posts), headers={"Link": link})


def _webfinger(site: Elsewhere, call: Call) -> Response:
    resource = call.params.get("resource", "")
    name, _, domain = resource.removeprefix("acct:").partition("@")
    is_known = call.host == CLOSED_HOST or site.world.find_handle(f"{name}@{domain}", call.now) is not None
    if domain != call.host or not is_known:
        return Response(404, NOT_FOUND)
    address = {"rel": "self", "type": "application/activity+json", "href": f"https://{domain}/users/{name}"}
    return Response(200, {"subject": resource, "aliases": [f"https://{domain}/@{name}"], "links": [address]})


def _account(site: Elsewhere, account: int | None, call: Call) -> Response:
    if account is None or site.world.status(account, call.now) == "not_found":
        return Response(404, NOT_FOUND)
    shown = render_account(site, account, call.now, call.host)
    return Response(200, shown, served=(shown["id"],))


def _accounts(site: Elsewhere, call: Call) -> Response:
    """Accounts of several ids; those that are gone or suspended are left out."""
    found = [site.world.find_account(f"{call.host}/{name}") for name in call.values("id[]")[:ACCOUNTS]]
    there = [account for account in found if account is not None]
    active = [account for account in there if site.world.status(account, call.now) not in {"not_found", "suspended"}]
    return _listed([render_account(site, account, call.now, call.host) for account in active])


def _statuses_of(site: Elsewhere, call: Call) -> Response:
    account = site.world.find_account(f"{call.host}/{call.path_id}")
    if account is None or site.world.status(account, call.now) == "not_found":
        return Response(404, NOT_FOUND)
    size = read_integer(call.params, "limit", 1, 40, 20)
    bounds = {
        name: int(check_value(name, call.params[name], NUMBER))
        for name in ("max_id", "since_id")
        if name in call.params
    }
    shown = [int(row) for row in site.feed_rows(account, call.now) if _is_shown(site, int(row), call.now)]
    ids = {row: int(local_id(site.post_ids[row])) for row in shown}
    rows = [row for row, number in ids.items() if bounds.get("since_id", 0) < number < bounds.get("max_id", 2**63)]
    page = rows[:size]
    posts = [render_status(site, row, call.now) for row in page]
    following = str(ids[page[-1]]) if len(rows) > size else None
    here = call.params.get("max_id", str(2**63 - 1))

    def compose(listed: list[Json], lead: str | None) -> Response:
        query = urlencode({"limit": size, "max_id": lead or ""})
        link = f'<https://{call.host}{call.path.removeprefix(f"/{call.host}")}?{query}>; rel="next"'
        return _listed(listed, link if lead else None)

    leads = tuple(str(ids[row]) for row in page)
    return replace(compose(posts, following), page=Page(posts, leads, following, here, compose))
