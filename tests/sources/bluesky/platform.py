"""Bluesky as the guarantee tests of all API sources see it."""

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
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.extraction import extract
from pipeline.sources.lake_source import Row
from tests.sources.api.scripted import Reply, serve

from .stand import make_entry, make_profile
from .tiny_appview import HTML_403, TinyAppView

FEED = "app.bsky.feed.getAuthorFeed"


def read(base_url: str, lake: Lake, registry: list[Row], run: ApiRun, **limits: Any) -> ApiResult:
    return extract(replace(BlueskyConfig(base_url=base_url, answer_seconds=20.0), **limits), lake, registry, run)


class Platform:
    secrets: tuple[str, ...] = ()
    page_size = 100
    first_requests = 0
    has_since = False
    refusals = (
        Reply(403, HTML_403),
        Reply(401, {"error": "AuthMissing", "message": "Authentication Required"}),
        Reply(400, {"error": "InvalidRequest", "message": "Actor not found: nobody"}),
        Reply(400, {"error": "BlockedByActor", "message": "Requester is blocked by actor"}),
        Reply(404, {"error": "NotFound", "message": "no such thing"}),
    )

    def __init__(self, server: TinyAppView) -> None:
        self.server = server
        self.account_ids = list(server.profiles)
        self.registry: list[Row] = [
            {"platform": "bluesky", "handle": each["handle"]} for each in server.profiles.values()
        ]
        self._made = 0

    @classmethod
    @contextmanager
    def open(cls, account_count: int) -> Iterator["Platform"]:
        dids = [f"did:plc:firm{number:020d}" for number in range(account_count)]
        profiles = {did: make_profile(did, f"firm{number}.example", postsCount=0) for number, did in enumerate(dids)}
        with serve(TinyAppView(profiles, {did: [] for did in dids})) as server:
            yield cls(server)

    def add_post(self, account: int, at: datetime) -> str:
        self._made += 1
        did = self.account_ids[account]
        entry = make_entry(self._made, did=did, at=at)
        entry["post"]["author"]["handle"] = self.server.profiles[did]["handle"]
        self.server.feeds[did].insert(0, entry)
        self.server.profiles[did]["postsCount"] += 1
        return str(entry["post"]["uri"])

    def remove_post(self, post_id: str) -> None:
        self.server.gone.add(post_id)
        self.server.profiles[post_id.split("/")[2]]["postsCount"] -= 1

    def remove_account(self, account: int) -> None:
        did = self.account_ids[account]
        gone = ("AccountTakedown", "Account has been suspended")
        self.server.refusals |= dict.fromkeys((did, self.server.profiles[did]["handle"]), gone)

    def posts_key(self, account: int) -> str:
        return f"{FEED} {self.account_ids[account]}"

    def changed_page(self, kind: str) -> Reply:
        changes = {
            "short": lambda page: {"feed": page["feed"][:7], "cursor": "7"},
            "empty": lambda _: {"feed": [], "cursor": "0"},
            "twice": lambda page: {**page, "feed": [*page["feed"], *page["feed"]]},
            "reversed": lambda page: {**page, "feed": page["feed"][::-1]},
            "same cursor": lambda page: {**page, "cursor": "0"},
            "odd": _odd,
        }
        return Reply(change=changes[kind])

    def limit_key(self, name: str, _query: Any) -> str:
        return "host" if name else ""

    def bookmark(self, read_to: datetime) -> Any:
        return {"high": read_to.isoformat(), "settled_at": read_to.isoformat()}

    def settings(self, folder: Path) -> Settings:
        return Settings(_env_file=None, data_dir=folder, bluesky_api_base_url=self.server.base_url)


def _odd(page: dict[str, Any]) -> dict[str, Any]:
    """Entries that are none, and embeds, facets and reasons of kinds that came after this was written."""
    first, *others = page["feed"]
    record = first["post"]["record"] | {"embed": {"$type": "app.bsky.embed.hologram", "panes": [1, None]}, "facets": 7}
    changed = {"post": first["post"] | {"record": record, "embed": {"$type": "app.bsky.embed.hologram#view"}}}
    reason = {"$type": "app.bsky.feed.defs#reasonAlgorithm", "by": None}
    return {
        **page,
        "feed": [
            {"post": {"uri": 5}},
            {"post": None},
            "text",
            None,
            changed,
            others[0] | {"reason": reason},
            *others[1:],
        ],
    }
