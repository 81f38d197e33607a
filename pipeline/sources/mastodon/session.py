"""The requests of the Mastodon source, one at a time, each to one server, each giving what was read.

What to ask for, and when, belongs to callers.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
from requests.utils import parse_header_links

from pipeline.lake import Lake
from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.feeds.items import Page
from pipeline.sources.api.feeds.session import FeedSession
from pipeline.sources.api.journal import Journal, handles_of
from pipeline.sources.api.json_values import Record, objects_in, text_of
from pipeline.sources.api.run import ApiRun
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.dialect import PAGING, PAGING_MARKS
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.names import Home, split
from pipeline.sources.mastodon.normalise import read_statuses
from pipeline.sources.mastodon.servers import Servers

PAGE = 40
LONGEST_QUERY = 2_000


@dataclass(frozen=True, kw_only=True)
class Session(FeedSession):
    """Everything that a request needs."""

    servers: Servers
    # Servers that do not give several posts for their ids.
    without_batches: set[str] = field(default_factory=set)

    @property
    def request_count(self) -> int:
        """Requests that were sent."""
        return self.servers.request_count

    @property
    def page_count(self) -> int:
        """Answers that could be used."""
        return self.servers.page_count

    def profile(self, account_id: str) -> Record:
        """An account by its id.

        Raises:
            PartialRun, RequestRefused: see `Servers.ask`; so for every request.
        """
        host, local_id = split(account_id)
        return self.servers.ask(host, f"/accounts/{local_id}", dict, endpoint="accounts/:id")[0]

    def profiles(self, account_ids: list[str]) -> list[Record]:
        """Up to 40 accounts of one server; those that it does not show are left out without a word."""
        host = split(account_ids[0])[0]
        query = [("id[]", split(account_id)[1]) for account_id in account_ids]
        answer = self.servers.ask(host, "/accounts", list[Any], query, endpoint="accounts")[0]
        return objects_in(answer)

    def lookup(self, home: Home) -> Record:
        """An account by its name at its home."""
        return self.servers.ask(home.host, "/accounts/lookup", dict, [("acct", home.name)], endpoint="lookup")[0]

    def feed(self, account_id: str, cursor: str | None) -> Page:
        """One page of an account's posts and boosts, newest first; a cursor is the query of the next page's link."""
        host, local_id = split(account_id)
        query = cursor or f"limit={PAGE}"
        endpoint = PAGING if any(mark in query for mark in PAGING_MARKS) else "accounts/:id/statuses"
        path = f"/accounts/{local_id}/statuses"
        texts, exchange = self.servers.ask(host, path, list[msgspec.Raw], query, endpoint=endpoint)
        at = self.clock()
        page = read_statuses(
            texts, host=host, handles=self.handles, endpoint=f"{host} {endpoint}", at=at, account_id=account_id
        )
        page.cursor = next_query(exchange)
        return page

    def post(self, post_id: str) -> Page:
        """One post; where it is gone the refusal says so."""
        host, local_id = split(post_id)
        text = self.servers.ask(host, f"/statuses/{local_id}", msgspec.Raw, endpoint="statuses/:id")[0]
        return self._posts(host, [text], "statuses/:id")

    def posts(self, post_ids: list[str]) -> Page:
        """Up to 20 posts of one server; those that it does not show are left out without a word."""
        host = split(post_ids[0])[0]
        query = [("id[]", split(post_id)[1]) for post_id in post_ids]
        texts = self.servers.ask(host, "/statuses", list[msgspec.Raw], query, endpoint="statuses")[0]
        return self._posts(host, texts, "statuses")

    def rules(self, host: str) -> list[str]:
        """What a server's administrators ask of people, rule by rule."""
        rules = self.servers.ask(host, "/instance/rules", list[Any], endpoint="instance/rules")[0]
        return [text for rule in rules if isinstance(rule, dict) and (text := text_of(rule.get("text")))]

    def _posts(self, host: str, texts: list[msgspec.Raw], endpoint: str) -> Page:
        at = self.clock()
        return read_statuses(texts, host=host, handles=self.handles, endpoint=f"{host} {endpoint}", at=at)


def open_session(config: MastodonConfig, lake: Lake, run: ApiRun) -> Session:
    """A session with a journal of its own."""
    landing = Journal(lake, MASTODON.journals, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
    return Session(
        platform=MASTODON,
        config=config,
        landing=landing,
        clock=run.clock,
        handles=handles_of(landing.state),
        servers=Servers(config, run),
    )


def next_query(exchange: Exchange) -> str | None:
    """What the link to the next page asks for; where it leads to is not looked at."""
    try:
        links = parse_header_links(exchange.link) if exchange.link else []
        queries = [urlsplit(link["url"]).query for link in links if link.get("rel") == "next"]
    except ValueError:
        return None
    query = queries[0] if queries else ""
    return query if 0 < len(query) <= LONGEST_QUERY else None
