"""The requests of the Bitly source, one at a time, each giving what was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from pipeline.sources.api.host import Host
from pipeline.sources.api.json_values import Record, count_of, text_of, time_of
from pipeline.sources.api.run import ApiRun
from pipeline.sources.bitly import NAME, PLATFORM_NAME
from pipeline.sources.bitly.config import TOKEN_NAME, BitlyConfig
from pipeline.sources.bitly.dialect import DIALECT

ADDRESS = "https://api-ssl.bitly.com"
PAGE = 100
MOST_PAGES = 1_000  # of the links of one group
CLICKS = "bitlinks/:id/clicks"


@dataclass(frozen=True)
class OwnLink:
    """A short link of a group of the token."""

    bitlink: str  # host/back-half, as Bitly knows it
    long_url: str | None
    created: date | None


@dataclass(frozen=True)
class DayClicks:
    """What Bitly said of one link: clicks by UTC day that is over, the days that it listed, and what cannot be read.

    `shown_from`: days before were asked for and not shown; what they had is not known.
    """

    counts: dict[date, int]
    listed: frozenset[date]
    odd: tuple[object, ...]
    shown_from: date


class BitlySession:
    """Requests of one run."""

    def __init__(self, config: BitlyConfig, run: ApiRun) -> None:
        token = config.token.get_secret_value()
        self._host = Host(
            config, run, address=ADDRESS, source=NAME, platform_name=PLATFORM_NAME, dialect=DIALECT,
            bearer=token, token_name=TOKEN_NAME,
        )  # fmt: skip

    @property
    def request_count(self) -> int:
        """Requests that were sent."""
        return self._host.request_count

    @property
    def page_count(self) -> int:
        """Answers that could be used."""
        return self._host.page_count

    def groups(self) -> list[str]:
        """Ids of the groups that the token belongs to.

        Raises:
            PartialRun, RequestRefused, TweetbenchError: see `Governor.call`; so for every request.
        """
        body = self._host.ask("/v4/groups", dict, endpoint="groups")[0]
        return [guid for group in _records(body.get("groups")) if (guid := text_of(group.get("guid")))]

    def clicks_left(self) -> int | None:
        """Requests for clicks that the plan still allows; None where Bitly does not say."""
        body = self._host.ask("/v4/user/platform_limits", dict, endpoint="user/platform_limits")[0]
        left = []
        for limit in _records(body.get("platform_limits")):
            endpoint = str(limit.get("endpoint") or "")
            if not endpoint.rstrip("/").endswith("/clicks"):
                continue
            for method in _records(limit.get("methods")):
                most, used = count_of(method.get("limit")), count_of(method.get("count"))
                if str(method.get("name") or "GET").upper() == "GET" and most and used is not None:
                    left.append(max(0, most - used))
        return min(left, default=None)

    def links(self, group: str) -> Iterator[list[OwnLink]]:
        """The links of a group, page by page, newest first."""
        query = f"size={PAGE}"
        for _ in range(MOST_PAGES):
            body = self._host.ask(f"/v4/groups/{quote(group, safe='')}/bitlinks", dict, query, endpoint="bitlinks")[0]
            found = [_own_link(record) for record in _records(body.get("links"))]
            yield [link for link in found if link]
            pagination = body.get("pagination")
            following = urlsplit(str((pagination if isinstance(pagination, dict) else {}).get("next") or "")).query
            if not following or following == query:
                return
            query = following

    def clicks(self, link: OwnLink, first: date, *, now: datetime) -> DayClicks:
        """Clicks on a link by UTC day, from a day up to that of `now`, which is not over."""
        asked = (now.date() - first).days + 1
        path = f"/v4/bitlinks/{quote(link.bitlink, safe='/')}/clicks"
        query = [("unit", "day"), ("units", str(asked)), ("unit_reference", f"{now:%Y-%m-%dT%H:%M:%S}+0000")]
        body = self._host.ask(path, dict, query, endpoint=CLICKS)[0]
        listed, odd = _days(body.get("link_clicks"))
        counts = dict(listed)
        # A plan shows so many days back and no more: those before are not days without clicks.
        units = count_of(body.get("units"))
        shown_from = now.date() - timedelta(days=(asked if units is None else min(asked, units)) - 1)
        # An answer that names a day without clicks names every day; in any other a day that it lacks had none.
        if 0 in listed.values():
            shown_from = max(shown_from, min(listed))
        elif not odd:
            span = (shown_from + timedelta(days=day) for day in range((now.date() - shown_from).days))
            counts = {**dict.fromkeys(span, 0), **listed}
        return DayClicks(
            {day: count for day, count in sorted(counts.items()) if first <= day < now.date()},
            frozenset(listed),
            odd,
            shown_from,
        )


def _days(items: object) -> tuple[dict[date, int], tuple[object, ...]]:
    """Clicks by UTC day of an answer, and the items that cannot be read."""
    counts: dict[date, int] = {}
    odd: list[object] = [] if isinstance(items, list) else [items]
    for item in items if isinstance(items, list) else ():
        fields = item if isinstance(item, dict) else {}
        at, count = time_of(fields.get("date")), count_of(fields.get("clicks"))
        if at is None or at.time() != time() or count is None or at.date() in counts:
            odd.append(item)
        else:
            counts[at.date()] = count
    return counts, tuple(odd)


def _records(value: Any) -> list[Record]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _own_link(record: Record) -> OwnLink | None:
    bitlink = text_of(record.get("id"))
    if not bitlink or "/" not in bitlink.strip("/"):
        return None
    created = time_of(record.get("created_at"))
    return OwnLink(bitlink, text_of(record.get("long_url")), created.date() if created else None)
