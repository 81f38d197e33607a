"""Bitly over the demo world: clicks on the links of the own company's posts on Bluesky and Mastodon. Pure.

The company's links have a domain of their own, as branded short links have. What a post's link is clicked in a day
follows from the post's final count.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.simulate.cast import OWN
from pipeline.simulate.elsewhere import Elsewhere
from pipeline.simulate.metrics import METRICS, counts_at
from pipeline.simulate.posts import original_rows
from pipeline.simulate.responses import Call, Response, Service
from pipeline.simulate.texts import plain_text_of
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.world_calendar import to_instant

PATHS = tuple(
    (f"bitly_{name}", re.compile(path))
    for name, path in {
        "groups": r"/v4/groups",
        "limits": r"/v4/user/platform_limits",
        "links": r"/v4/groups/(?P<id>\w+)/bitlinks",
        "clicks": r"/v4/bitlinks/(?P<id>[^?]+)/clicks",
    }.items()
)
GROUP = "Bdemo0000001"
NOT_FOUND: Json = {"message": "NOT_FOUND", "description": "What you are looking for cannot be found."}
# Older links are archived, and lists leave them out.
LISTED_DAYS = 60
# After so many days without a click a link would be read once a week.
QUIET_AFTER_DAYS = 30
DAY = timedelta(days=1)
CLICKS = METRICS.index("link_click_count")


@dataclass(frozen=True)
class ShortLinks:
    """The links of the own company's posts on some platforms."""

    sites: tuple[Elsewhere, ...]

    @cached_property
    def posts(self) -> Mapping[str, list[tuple[Elsewhere, int]]]:
        """Posts by link, as platform and row; a link can be in several."""
        found: dict[str, list[tuple[Elsewhere, int]]] = {}
        for site in self.sites:
            posts = site.world.posts
            for row in original_rows(posts).tolist():
                if (
                    posts.account[row] == OWN
                    and posts.root[row] == row
                    and (link := plain_text_of(site.world, row).link)
                ):
                    found.setdefault(link.removeprefix("https://"), []).append((site, row))
        return found

    def created(self, link: str) -> datetime:
        """When the link was first posted."""
        return min(to_instant(int(site.world.posts.created_ms[row])) for site, row in self.posts[link])

    def clicks(self, link: str, day: date) -> int:
        """Clicks on a link on a UTC day, everywhere it is."""
        start = datetime.combine(day, time(), UTC)
        return sum(
            self._count(site, row, start + DAY) - self._count(site, row, start) for site, row in self.posts[link]
        )

    @staticmethod
    def _count(site: Elsewhere, row: int, at: datetime) -> int:
        instant = int(at.timestamp() * 1000)
        return int(counts_at(site.world.posts, site.world.finals, np.array([row]), instant)[CLICKS, 0])


def bitly_service(links: ShortLinks) -> Service:
    """Bitly as a service; it needs the token and refuses nobody for asking often."""

    def answer(call: Call) -> Response:
        if call.route == "bitly_groups":
            return Response(200, {"groups": [{"guid": GROUP, "name": "demo", "is_active": True}]})
        if call.route == "bitly_limits":
            return Response(200, {"platform_limits": []})
        if call.route == "bitly_links":
            return _listed(links, call)
        if call.path_id not in links.posts or links.created(call.path_id) > call.now:
            return Response(404, NOT_FOUND)
        return _clicked(links, call)

    def refuse(_call: Call, refusal: Exception) -> Response:
        return Response(400, {"message": "INVALID_ARG", "description": str(refusal)})

    return Service(
        PATHS, answer, refuse, lambda _call: ({}, True), {"message": "RATE_LIMIT_EXCEEDED"}, needs_token=True
    )


def clicks_before(links: ShortLinks, first: date, last: date, *, captured_at: datetime) -> dict[str, Any]:
    """What daily runs up to a day would have left: `rows` of the table link_clicks, and the `state` of each link."""
    rows, state = [], {}
    for link in links.posts:
        created = links.created(link).date()
        if not first <= created <= last:
            continue
        days = [created + at * DAY for at in range((last - created).days + 1)]
        counts = [links.clicks(link, day) for day in days]
        rows += list(_rows(link, zip(days[:LISTED_DAYS], counts, strict=False), captured_at))
        is_quiet = len(days) > QUIET_AFTER_DAYS and not any(counts[-2:])
        state[f"timeline:{link}"] = {"read_to": last.isoformat(), "is_quiet": is_quiet}
    return {"rows": rows, "state": state}


def _rows(link: str, counts: Any, captured_at: datetime) -> Iterator[dict[str, Any]]:
    for day, count in counts:
        yield {
            "platform": "bitly",
            "captured_at": captured_at,
            "link_id": link,
            "bucket_start_at": datetime.combine(day, time(), UTC),
            "bucket_unit": "day",
            "long_url": f"https://{link}",
            "click_count": count,
        }


def _listed(links: ShortLinks, call: Call) -> Response:
    size, page = int(call.params.get("size", "50")), int(call.params.get("page", "1"))
    shown = [name for name in links.posts if call.now - LISTED_DAYS * DAY < links.created(name) <= call.now]
    shown.sort(key=links.created, reverse=True)
    here = shown[(page - 1) * size : page * size]
    following = f"https://api-ssl.bitly.com{call.path}?size={size}&page={page + 1}" if len(shown) > page * size else ""
    found = [
        {
            "id": name,
            "link": f"https://{name}",
            "long_url": f"https://{name}",
            "created_at": f"{links.created(name):%Y-%m-%dT%H:%M:%S}+0000",
            "archived": False,
        }
        for name in here
    ]
    return Response(
        200, {"links": found, "pagination": {"next": following, "size": size, "page": page, "total": len(shown)}}
    )


def _clicked(links: ShortLinks, call: Call) -> Response:
    units, reference = int(call.params.get("units", "1")), call.params.get("unit_reference", "")
    last = datetime.fromisoformat(reference).date() if reference else call.now.date()
    days: Sequence[date] = [last - back * DAY for back in range(units)]
    found = [(day, links.clicks(call.path_id, day)) for day in days]
    shown = [{"date": f"{day}T00:00:00+0000", "clicks": count} for day, count in found if count]
    return Response(200, {"link_clicks": shown, "units": units, "unit": "day", "unit_reference": reference})
