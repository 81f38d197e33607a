"""What every API source brings so that the guarantee tests can try it: a small platform of its own shape on loopback.

It lies in `tests/sources/<NAME of the source>/platform.py`: a function `read` and a class `Platform` as described here.
Everything that all platforms share is scripted in the tests; only what differs by platform is asked of it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pytest

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, ApiSource, Probe
from pipeline.sources.lake_source import Row
from tests.conftest import NOW
from tests.sources.api.scripted import Reply, ScriptedServer
from tests.sources.api.stand import LakeStand

# Ways in which a page of posts can be spoiled; `changed_page` gives them in the platform's shape.
SPOILED = ("short", "empty", "twice", "reversed", "same cursor", "odd")


class Platform(Protocol):
    """Accounts with posts behind a server; both are numbered from 0."""

    server: ScriptedServer
    registry: list[Row]
    account_ids: list[str]
    # Texts that are sent with requests and must be found nowhere.
    secrets: tuple[str, ...]
    # Answers that refuse one account's posts and say nothing of the others.
    refusals: tuple[Reply, ...]
    # Posts on a page.
    page_size: int
    # Requests for each account before its first page, apart from those for many at once.
    first_requests: int
    # False where a page cannot be asked for from a post on, so that a run gets the newest page of each account again.
    has_since: bool

    @classmethod
    def open(cls, account_count: int) -> AbstractContextManager["Platform"]:
        """A running platform with accounts that have no posts."""

    def add_post(self, account: int, at: datetime) -> str:
        """A new post; its id as the lake has to know it."""

    def remove_post(self, post_id: str) -> None:
        """From now on the platform does not show it."""

    def remove_account(self, account: int) -> None:
        """From now on the platform does not know it."""

    def posts_key(self, account: int) -> str:
        """Key of the script under which pages of this account's posts are answered."""

    def changed_page(self, kind: str) -> Reply:
        """The first page of an account's posts, spoiled in a way of `SPOILED`.

        short: seven posts, the cursor leads to the rest; empty: none, the cursor leads to all; twice: each post two
        times; reversed: oldest first; same cursor: it leads back to this page; odd: some records that are none, and
        posts with things that nobody has seen yet.
        """

    def limit_key(self, name: str, query: Any) -> str:
        """What the platform counts a request by."""

    def bookmark(self, read_to: datetime) -> Any:
        """The state of an account whose posts are read up to a time."""

    def settings(self, folder: Path) -> Settings:
        """Settings of a data folder that reads this server."""


class Read(Protocol):
    """Reading with limits that only the source's configuration has, such as `rows_in_memory`."""

    def __call__(self, base_url: str, lake: Lake, registry: list[Row], run: ApiRun, **limits: Any) -> ApiResult: ...


def platform_module(name: str) -> Any:
    """The module that a source brings; without it the tests fail with what to write."""
    try:
        return import_module(f"tests.sources.{name}.platform")
    except ModuleNotFoundError:
        pytest.fail(
            f"the API source {name} brings nothing that the guarantees could be tried on: write "
            f"tests/sources/{name}/platform.py with `read` and `Platform` as tests/sources/api/platform.py describes; "
            "tests/sources/bluesky/platform.py shows how",
            pytrace=False,
        )


@dataclass(kw_only=True)
class SourceStand(LakeStand[ScriptedServer]):
    """A source, its platform and a lake. Time moves by sleeping, and by a second with each request."""

    source: ApiSource
    platform: Platform
    read: Read

    def run(self, *, now: datetime = NOW, **limits: Any) -> ApiResult:
        """Read all accounts; the server's clock is right."""
        self.tiny.date = format_datetime(now, usegmt=True)
        return self.read(self.tiny.base_url, self.lake, self.platform.registry, self.next_run(now), **limits)

    def fill(self, account: int, count: int, *, until: datetime = NOW) -> list[str]:
        """New posts of an account, ten seconds apart, the last a minute before a time."""
        first = until - timedelta(seconds=10 * count + 60)
        return [self.platform.add_post(account, first + timedelta(seconds=10 * number)) for number in range(count)]

    def post_ids(self) -> set[str]:
        """Posts that the lake has."""
        return {row["post_id"] for row in self.rows("posts")}

    def most_requests(self, post_count: int = 0, *, more: int = 0) -> int:
        """Requests of a first run over three accounts, of which one has so many posts, and `more`."""
        pages = post_count // self.platform.page_size + 1
        return 1 + 3 * (self.platform.first_requests + 1) + pages + more

    def said(self, result: ApiResult) -> str:
        """What the run and its issues say."""
        return " ".join([str(result.partial_reason), *(str(row["detail"]) for row in self.rows("issues"))])

    def shortfall_codes(self, result: ApiResult) -> set[int]:
        """Exit codes of what was not read."""
        return {int(one.exit_code or 0) for one in result.shortfalls}

    def probe(self, posts: list[str], accounts: list[str], *, now: datetime) -> Probe:
        """Ask whether stored posts and accounts are still there."""
        settings = self.platform.settings(self.folder)
        return self.source.probe(settings, self.lake, posts, accounts, self.next_run(now))

    def assert_no_reading_twice(self) -> None:
        """Each reading of a post or an account is in the lake once."""
        for table, key in (("posts", "post_id"), ("post_metrics", "post_id"), ("accounts", "account_id")):
            keys = [(row[key], row["captured_at"]) for row in self.rows(table)]
            assert len(keys) == len(set(keys)), table


@contextmanager
def open_stand(source: ApiSource, folder: Path, account_count: int = 3) -> Iterator[SourceStand]:
    """A source with a platform of some accounts and an empty lake."""
    module = platform_module(source.NAME)
    with module.Platform.open(account_count) as platform:
        stand = SourceStand(platform.server, folder, source=source, platform=platform, read=module.read)
        platform.server.on_request = lambda _: stand.time.pass_by(1.0)
        yield stand
