"""Mastodon as the guarantee tests of all API sources see it: each account lives on a server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult
from pipeline.sources.lake_source import Row
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.extraction import extract
from tests.sources.api.scripted import Reply, serve

from .stand import LOCAL, make_account, make_status
from .tiny_server import TinyFediverse, TinyServer

PAGE = 40  # as many statuses as a server gives at once


def read(base_url: str, lake: Lake, registry: list[Row], run: ApiRun, **limits: Any) -> ApiResult:
    return extract(replace(MastodonConfig(base_url=base_url, answer_seconds=20.0), **limits), lake, registry, run)


class Platform:
    secrets: tuple[str, ...] = ()
    page_size = PAGE
    first_requests = 3  # WebFinger, robots.txt, the profile
    has_since = False
    refusals = (
        Reply(403, b"<html>Just a moment...</html>"),
        Reply(401, {"error": "This API requires an authenticated user"}),
        Reply(404, {"error": "Record not found"}),
        Reply(422, {"error": "Validation failed"}),
    )

    def __init__(self, server: TinyFediverse) -> None:
        self.server = server
        self.account_ids = [f"{host}/{LOCAL}" for host in server.servers]
        self.registry: list[Row] = [{"platform": "mastodon", "handle": f"acme@{host}"} for host in server.servers]
        self._made = 0

    @classmethod
    @contextmanager
    def open(cls, account_count: int) -> Iterator["Platform"]:
        hosts = [f"firm{number}.example" for number in range(account_count)]
        servers = {host: TinyServer({LOCAL: make_account(statuses_count=0)}, {LOCAL: []}) for host in hosts}
        with serve(TinyFediverse(servers, page_size=PAGE)) as server:
            yield cls(server)

    def add_post(self, account: int, at: datetime) -> str:
        self._made += 1
        host, server = list(self.server.servers.items())[account]
        status = make_status(-self._made, at=at, favourites_count=self._made)
        server.statuses[LOCAL].insert(0, status)
        server.accounts[LOCAL]["statuses_count"] += 1
        return f"{host}/{status['id']}"

    def remove_post(self, post_id: str) -> None:
        host, _, local_id = post_id.partition("/")
        self.server.servers[host].gone.add(local_id)
        self.server.servers[host].accounts[LOCAL]["statuses_count"] -= 1

    def remove_account(self, account: int) -> None:
        host = list(self.server.servers)[account]
        self.server.servers[host].accounts.clear()

    def posts_key(self, account: int) -> str:
        return f"{list(self.server.servers)[account]}/api/v1/accounts/{LOCAL}/statuses"

    def changed_page(self, kind: str) -> Reply:
        feed = next(iter(self.server.servers.values())).statuses[LOCAL]
        behind_seven = f"&max_id={feed[6]['id']}" if len(feed) > 6 else ""
        changes = {
            "short": Reply(change=lambda page: page[:7], headers=_link(behind_seven)),
            "empty": Reply(change=lambda _: [], headers=_link("")),
            "twice": Reply(change=lambda page: [*page, *page]),
            "reversed": Reply(change=lambda page: page[::-1]),
            "same cursor": Reply(headers=_link("")),
            "odd": Reply(change=_odd),
        }
        return changes[kind]

    def limit_key(self, name: str, query: Any) -> str:
        host = name.partition("/")[0]
        return f"further pages of {host}" if "max_id" in dict(query) else host

    def bookmark(self, read_to: datetime) -> Any:
        return {"high": read_to.isoformat(), "settled_at": read_to.isoformat()}

    def settings(self, folder: Path) -> Settings:
        return Settings(_env_file=None, data_dir=folder, mastodon_api_base_url=self.server.base_url)


def _link(more: str) -> dict[str, str]:
    return {"Link": f'<https://any.example/x?limit={PAGE}{more}>; rel="next"'}


def _odd(page: list[dict[str, Any]]) -> list[Any]:
    """Records that are none, and parts of kinds that came after this was written."""
    first, *others = page
    media = [{"type": "hologram"}, None, "text"]
    changed = first | {"media_attachments": media, "quote": {"state": "revoked"}, "card": 7, "mentions": {"a": 1}}
    return [{"id": 5}, {}, "text", None, changed, others[0] | {"content": None, "tags": "odd"}, *others[1:]]
