"""What the tests of the X source share: made-up accounts and posts, time that does not pass, one-line extraction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from pipeline.sources.api.source import ApiResult
from pipeline.sources.x_api.bookmarks import id_at
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.extraction import extract
from tests.sources.api.scripted import serve
from tests.sources.api.stand import LakeStand

from .tiny_server import TinyX

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TOKEN = "AAAAcanary%2Btoken0123456789"


def make_account(number: int, **fields: Any) -> dict[str, Any]:
    """A made-up account object with every count that the API must give."""
    counts = {"followers_count": 100 + number, "following_count": 50, "tweet_count": 10, "listed_count": 1}
    return {
        "id": str(1_000 + number),
        "username": f"firm{number}",
        "name": f"Firm {number}",
        "created_at": "2009-03-01T08:00:00.000Z",
        "protected": False,
        "public_metrics": counts,
        **fields,
    }


def make_post(number: int, *, author: str = "1001", at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A made-up post object; higher numbers are newer by a minute, all of them before NOW."""
    moment = at or NOW - timedelta(days=1) + timedelta(minutes=number)
    post_id = str(int(id_at(moment) or 0) + number)
    return {
        "id": post_id,
        "text": f"post {number}",
        "author_id": author,
        "created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "edit_history_tweet_ids": [post_id],
        "public_metrics": {
            "retweet_count": 1,
            "reply_count": 2,
            "like_count": 3,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 99,
        },
        **fields,
    }


def problem(title: str, detail: str, **fields: Any) -> dict[str, Any]:
    """A made-up error item."""
    return {"title": title, "detail": detail, "type": "https://api.x.com/2/problems/resource-not-found", **fields}


@contextmanager
def tiny_world(post_count: int = 0, account_count: int = 1, **fields: Any) -> Iterator[TinyX]:
    """A running server with some accounts; the first has the posts."""
    accounts = {str(1_000 + number): make_account(number) for number in range(1, account_count + 1)}
    # Ten seconds apart: a day holds 8,640 of them.
    start = NOW - timedelta(seconds=10 * post_count + 60)
    posts = [make_post(number, at=start + timedelta(seconds=10 * number)) for number in range(post_count)]
    with serve(TinyX(accounts=accounts, posts={"1001": posts}, **fields)) as tiny:
        yield tiny


def config(base_url: str, **changes: Any) -> XApiConfig:
    """Everything that reading from a loopback server needs, and money enough."""
    given = XApiConfig(bearer_token=SecretStr(TOKEN), base_url=base_url, max_usd=1_000.0, answer_seconds=20.0)
    return replace(given, **changes)


class Stand(LakeStand[TinyX]):
    """One lake, one server, one account by default; every run has a name of its own."""

    def config(self, **changes: Any) -> XApiConfig:
        return config(self.tiny.base_url, **changes)

    def run(self, registry: list[dict[str, Any]] | None = None, *, now: datetime = NOW, **changes: Any) -> ApiResult:
        rows = registry or [{"handle": account["username"]} for account in self.tiny.accounts.values()]
        return extract(
            self.config(**changes),
            self.lake,
            rows,
            self.next_run(now),
        )

    def post_ids(self) -> set[str]:
        return {row["post_id"] for row in self.rows("posts")}

    def served_posts(self) -> set[str]:
        return {post["id"] for posts in self.tiny.posts.values() for post in posts}
