"""What the tests of the Bluesky source share: made-up profiles and posts, still time, one-line extraction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.sources.api.source import ApiResult
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.extraction import extract
from tests.sources.api.scripted import serve
from tests.sources.api.stand import LakeStand

from .tiny_appview import TinyAppView

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACME, OTHER = "did:plc:acme111111111111111111aa", "did:plc:other22222222222222222bb"


def text_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def make_profile(did: str = ACME, handle: str = "acme.bsky.social", **fields: Any) -> dict[str, Any]:
    """A made-up profile with all counts."""
    counts = {"followersCount": 120, "followsCount": 80, "postsCount": 3}
    return {"did": did, "handle": handle, "displayName": "Acme", "labels": [], **counts, **fields}


def make_entry(number: int, *, did: str = ACME, at: datetime | None = None, **record: Any) -> dict[str, Any]:
    """A made-up entry of a feed: an own post, some minutes before NOW; lower numbers are newer."""
    moment = at or NOW - timedelta(minutes=number + 1)
    written = {"$type": "app.bsky.feed.post", "text": f"post {number}", "createdAt": text_time(moment), "langs": ["en"]}
    return {
        "post": {
            "uri": f"at://{did}/app.bsky.feed.post/3k{number:011d}",
            "cid": f"bafy{number}",
            "author": {"did": did, "handle": "acme.bsky.social"},
            "record": {**written, **record},
            "indexedAt": text_time(moment),
            "likeCount": number,
            "repostCount": 2,
            "replyCount": 1,
            "quoteCount": 0,
            "bookmarkCount": 4,
        }
    }


def make_repost(number: int, *, at: datetime, uri: str | None = None) -> dict[str, Any]:
    """An entry in which ACME reposts somebody else's old post."""
    entry = make_entry(number, did=OTHER, at=at - timedelta(days=400))
    entry["post"]["author"] = {"did": OTHER, "handle": "other.example"}
    by = {"did": ACME, "handle": "acme.bsky.social"}
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": by, "indexedAt": text_time(at)}
    return {**entry, "reason": {**reason, **({"uri": uri} if uri else {})}}


class Stand(LakeStand[TinyAppView]):
    """One lake and one server; every run has a name of its own."""

    def run(self, registry: list[dict[str, Any]] | None = None, *, now: datetime = NOW, **changes: Any) -> ApiResult:
        rows = registry or [{"platform": "bluesky", "handle": "acme.bsky.social"}]
        return extract(
            replace(BlueskyConfig(base_url=self.tiny.base_url, answer_seconds=20.0), **changes),
            self.lake,
            rows,
            self.next_run(now),
        )

    def ids(self) -> list[str]:
        return [row["post_id"] for row in self.rows("posts")]


@contextmanager
def acme_world(folder: Path, entries: list[dict[str, Any]] | None = None, **fields: Any) -> Iterator[Stand]:
    """A running server with one account, its feed, and a lake."""
    feed = [make_entry(number) for number in range(3)] if entries is None else entries
    profile = make_profile(postsCount=sum("reason" not in entry for entry in feed))
    with serve(TinyAppView({ACME: profile}, {ACME: feed}, **fields)) as tiny:
        yield Stand(tiny, folder)
