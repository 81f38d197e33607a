"""The requests of the Bluesky source, one at a time, each under the host's limits, each giving what was read.

What to ask for, and when, belongs to callers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from pipeline.lake import Lake
from pipeline.settings import BLUESKY_APPVIEW
from pipeline.sources.api.feeds.items import Page
from pipeline.sources.api.feeds.session import FeedSession
from pipeline.sources.api.host import Host
from pipeline.sources.api.journal import Journal, handles_of
from pipeline.sources.api.json_values import text_of
from pipeline.sources.api.run import ApiRun
from pipeline.sources.bluesky import NAME, PLATFORM_NAME
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.dialect import DIALECT
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.normalise import read_feed, read_items, read_posts
from pipeline.sources.bluesky.structs import Feed, Posts, Profiles, ProfileView, Resolved
from pipeline.sources.lake_source import Row

PAGE = 100

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Session(FeedSession):
    """Everything that a request needs."""

    host: Host

    @property
    def request_count(self) -> int:
        """Requests that were sent."""
        return self.host.request_count

    @property
    def page_count(self) -> int:
        """Answers that could be used."""
        return self.host.page_count

    def profiles(self, actors: Sequence[str]) -> tuple[list[tuple[ProfileView, bytes]], list[Row]]:
        """Profiles of up to 25 handles or DIDs; those that Bluesky does not show are left out without a word.

        Raises:
            PartialRun, RequestRefused: see `Governor.call`.
        """
        endpoint = "app.bsky.actor.getProfiles"
        answer = self._ask(endpoint, Profiles, [("actors", actor) for actor in actors])
        return read_items(answer.profiles, ProfileView, endpoint=endpoint, at=self.clock())

    def profile(self, actor: str) -> tuple[list[tuple[ProfileView, bytes]], list[Row]]:
        """One profile; a refusal says why there is none."""
        endpoint = "app.bsky.actor.getProfile"
        text = self._ask(endpoint, msgspec.Raw, [("actor", actor)])
        return read_items([text], ProfileView, endpoint=endpoint, at=self.clock())

    def resolve(self, handle: str) -> str:
        """DID of a handle."""
        return self._ask("com.atproto.identity.resolveHandle", Resolved, [("handle", handle)]).did

    def feed(self, account_id: str, cursor: str | None) -> Page:
        """One page of an account's posts and reposts, newest first."""
        endpoint = "app.bsky.feed.getAuthorFeed"
        query = [("actor", account_id), ("limit", str(PAGE)), ("filter", "posts_with_replies")]
        answer = self._ask(endpoint, Feed, [*query, *([("cursor", cursor)] if cursor else [])])
        handle = self.handles.get(account_id)
        page = read_feed(answer.feed, account_id=account_id, handle=handle, endpoint=endpoint, at=self.clock())
        page.cursor = text_of(answer.cursor) or (str(answer.cursor) if type(answer.cursor) is int else None)
        return page

    def posts(self, uris: Sequence[str]) -> Page:
        """Up to 25 posts; those that Bluesky does not show are left out without a word."""
        endpoint = "app.bsky.feed.getPosts"
        answer = self._ask(endpoint, Posts, [("uris", uri) for uri in uris])
        return read_posts(answer.posts, handles=self.handles, endpoint=endpoint, at=self.clock())

    def _ask(self, endpoint: str, kind: type[Answer], query: Sequence[tuple[str, str]]) -> Answer:
        return self.host.ask(f"/xrpc/{endpoint}", kind, query)[0]


def open_session(config: BlueskyConfig, lake: Lake, run: ApiRun) -> Session:
    """A session on the guarded transport, with a journal of its own."""
    landing = Journal(lake, BLUESKY.journals, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
    host = Host(config, run, address=BLUESKY_APPVIEW, source=NAME, platform_name=PLATFORM_NAME, dialect=DIALECT)
    return Session(
        platform=BLUESKY,
        config=config,
        landing=landing,
        clock=run.clock,
        handles=handles_of(landing.state),
        host=host,
    )
