"""X as the guarantee tests of all API sources see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.bookmarks import id_at
from pipeline.sources.x_api.extraction import extract
from tests.sources.api.scripted import Reply, serve

from .stand import TOKEN, config, make_account, make_post
from .tiny_server import TinyX

NOT_ENROLLED = {"title": "Client Forbidden", "detail": "no access", "reason": "client-not-enrolled", "client_id": "1"}
ODD = [{"id": "no number", "text": "a"}, 5, None, "text"]
UNSEEN = {"entities": {"hologram": [1]}, "attachments": "odd", "note_tweet": 7, "public_metrics": {"smiles": 3}}


def read(base_url: str, lake: Lake, registry: list[Row], run: ApiRun, **limits: Any) -> ApiResult:
    return extract(config(base_url, **limits), lake, registry, run)


class Platform:
    secrets = (TOKEN,)
    page_size = 100
    first_requests = 0
    has_since = True
    refusals = (
        Reply(404, b""),
        Reply(403, NOT_ENROLLED),
        Reply(403, {"title": "Forbidden", "detail": "you may not see this account"}),
        Reply(400, {"errors": [{"message": "bad"}], "title": "Invalid Request"}),
        Reply(400, b"null"),
    )

    def __init__(self, server: TinyX) -> None:
        self.server = server
        self.account_ids = list(server.accounts)
        self.registry: list[Row] = [{"platform": "x", "handle": each["username"]} for each in server.accounts.values()]
        self._made = 0

    @classmethod
    @contextmanager
    def open(cls, account_count: int) -> Iterator["Platform"]:
        accounts = {str(1_001 + number): make_account(number + 1) for number in range(account_count)}
        with serve(TinyX(accounts=accounts, posts={account_id: [] for account_id in accounts})) as server:
            yield cls(server)

    def add_post(self, account: int, at: datetime) -> str:
        self._made += 1
        post = make_post(self._made, author=self.account_ids[account], at=at)
        self.server.posts[self.account_ids[account]].append(post)
        return str(post["id"])

    def remove_post(self, post_id: str) -> None:
        for account_id, posts in self.server.posts.items():
            self.server.posts[account_id] = [post for post in posts if post["id"] != post_id]

    def remove_account(self, account: int) -> None:
        del self.server.accounts[self.account_ids[account]]

    def posts_key(self, account: int) -> str:
        return f"/2/users/{self.account_ids[account]}/tweets"

    def changed_page(self, kind: str) -> Reply:
        changes = {
            "short": lambda page: {"data": page["data"][:7], "meta": {**page["meta"], "next_token": "t7"}},
            "empty": lambda _: {"meta": {"result_count": 0, "next_token": "t0"}},
            "twice": lambda page: {**page, "data": [*page["data"], *page["data"]]},
            "reversed": lambda page: {**page, "data": page["data"][::-1]},
            "same cursor": lambda page: {**page, "meta": {**page["meta"], "next_token": "t0"}},
            "odd": lambda page: {**page, "data": [*ODD, page["data"][0] | UNSEEN, *page["data"][1:]], "hologram": {}},
        }
        return Reply(change=changes[kind])

    def limit_key(self, name: str, _query: Any) -> str:
        return "timelines" if name.endswith("/tweets") and name.startswith("/2/users/") else name

    def bookmark(self, read_to: datetime) -> Any:
        return {"high": id_at(read_to), "settled_at": read_to.isoformat()}

    def settings(self, folder: Path) -> Settings:
        token = SecretStr(TOKEN)
        return Settings(
            _env_file=None,
            data_dir=folder,
            max_usd_per_run=1_000.0,
            x_bearer_token=token,
            x_api_base_url=self.server.base_url,
        )
