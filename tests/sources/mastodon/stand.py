"""What the tests of the Mastodon source share: made-up accounts and statuses, still time, one-line extraction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.sources.api.source import ApiResult
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.extraction import extract
from tests.sources.api.scripted import serve
from tests.sources.api.stand import LakeStand

from .tiny_server import TinyFediverse, TinyServer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOME, LOCAL = "home.example", "1001"
ACME = f"{HOME}/{LOCAL}"
HANDLE = f"acme@{HOME}"


def text_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def make_account(local_id: str = LOCAL, username: str = "acme", **fields: Any) -> dict[str, Any]:
    """A made-up account with all counts."""
    counts = {"followers_count": 120, "following_count": 80, "statuses_count": 3}
    shown = {"id": local_id, "username": username, "acct": username, "display_name": "Acme", "note": "<p>We forge.</p>"}
    links = {"url": f"https://{HOME}/@{username}", "uri": f"https://{HOME}/users/{username}", "fields": []}
    return {**shown, **links, "created_at": "2023-04-05T00:00:00.000Z", **counts, **fields}


def make_status(number: int, *, at: datetime | None = None, account: str = LOCAL, **fields: Any) -> dict[str, Any]:
    """A made-up status, some minutes before NOW; lower numbers are newer."""
    moment = at or NOW - timedelta(minutes=number + 1)
    return {
        "id": str(900_000 - number),
        "created_at": text_time(moment),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "language": "en",
        "uri": f"https://{HOME}/users/acme/statuses/{number}",
        "content": f"<p>post {number}</p>",
        "account": {"id": account, "acct": "acme", "username": "acme"},
        "reblog": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": abs(number),
        "edited_at": None,
        "mentions": [],
        "tags": [],
        "media_attachments": [],
        **fields,
    }


class Stand(LakeStand[TinyFediverse]):
    """One lake and some servers; every run has a name of its own."""

    @property
    def home(self) -> TinyServer:
        return self.tiny.servers[HOME]

    def config(self, **changes: Any) -> MastodonConfig:
        return replace(MastodonConfig(base_url=self.tiny.base_url, answer_seconds=20.0), **changes)

    def run(self, registry: list[dict[str, Any]] | None = None, *, now: datetime = NOW, **changes: Any) -> ApiResult:
        rows = registry or [{"platform": "mastodon", "handle": HANDLE}]
        return extract(self.config(**changes), self.lake, rows, self.next_run(now))

    def ids(self) -> list[str]:
        return [row["post_id"] for row in self.rows("posts")]


@contextmanager
def acme_world(
    folder: Path, statuses: list[dict[str, Any]] | None = None, *, page_size: int = 40, **fields: Any
) -> Iterator[Stand]:
    """A running server with one account, its statuses, and a lake; `fields` are the server's."""
    feed = [make_status(number) for number in range(3)] if statuses is None else statuses
    home = TinyServer({LOCAL: make_account(statuses_count=len(feed))}, {LOCAL: feed}, **fields)
    with serve(TinyFediverse({HOME: home}, page_size=page_size)) as tiny:
        yield Stand(tiny, folder)
