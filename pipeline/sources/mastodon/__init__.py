"""Mastodon as a source: each account's home server, no key, no bill. This face imports little."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, Gap, Plan, Probe, RegistryRows
from pipeline.sources.lake_source import Row

NAME = "mastodon"
DESCRIPTION = "Mastodon: account snapshots, posts and their metrics at fixed ages, from each account's home server"
TABLES: tuple[str, ...] = ("accounts", "posts", "post_metrics", "issues")
PLATFORM = "mastodon"
PLATFORM_NAME = "Mastodon"
SETUP = ""


def is_configured(settings: Settings) -> bool:  # noqa: ARG001 - the same for all sources
    """Always true: nothing is needed."""
    return True


def plan(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:
    """Requests and minutes of the next run, by server."""
    from pipeline.sources.mastodon.config import config_of
    from pipeline.sources.mastodon.run_plan import plan_run

    return plan_run(config_of(settings), lake, registry_rows, now=now)


def extract(settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:
    """Read what is new of every registered account of Mastodon."""
    from pipeline.sources.mastodon.config import config_of
    from pipeline.sources.mastodon.extraction import extract as read_all

    return read_all(config_of(settings), lake, registry_rows, run)


def recover(lake: Lake, *, now: datetime) -> int:
    """Commit the journals of crashed runs."""
    from pipeline.sources.api.journal import recover as recover_journals
    from pipeline.sources.mastodon.feed_platform import MASTODON

    return recover_journals(lake, MASTODON.journals, now=now)


def check_state(key: str, value: object, *, now: datetime) -> None:
    """Judge the bookmark of a feed; no other state can be judged."""
    from pipeline.sources.api.feeds.bookmarks import read_bookmark

    if key.startswith("timeline:"):
        read_bookmark(value, key=key, now=now, platform_name=PLATFORM_NAME)


def find_gaps(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:
    """Days and posts of Mastodon that were missed."""
    from pipeline.sources.api.feeds.gaps import find_gaps as find
    from pipeline.sources.mastodon.accounts import read_targets
    from pipeline.sources.mastodon.feed_platform import MASTODON

    targets, _ = read_targets(registry_rows, at=now)
    return find(MASTODON, lake, targets, now=now, backfill_days=settings.backfill_days)


def probe(settings: Settings, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask the home servers for stored posts and accounts."""
    from pipeline.sources.mastodon.config import config_of
    from pipeline.sources.mastodon.probing import probe as ask

    return ask(config_of(settings), lake, posts, accounts, run)


def look_up(settings: Settings, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
    """Profiles by handle, each asked for at its home server."""
    from pipeline.sources.mastodon.accounts import look_up as ask
    from pipeline.sources.mastodon.config import config_of
    from pipeline.sources.mastodon.session import open_session

    return ask(open_session(config_of(settings), lake, run), asked)
