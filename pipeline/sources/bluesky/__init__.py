"""Bluesky as a source: the public AppView, no key, no bill. This face imports little; functions load what they need."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, Gap, Plan, Probe, RegistryRows
from pipeline.sources.lake_source import Row

NAME = "bluesky"
DESCRIPTION = "Bluesky: account snapshots, posts and their metrics at fixed ages"
TABLES: tuple[str, ...] = ("accounts", "handle_changes", "posts", "post_metrics", "issues")
PLATFORM = "bluesky"
PLATFORM_NAME = "Bluesky"
SETUP = ""


def is_configured(settings: Settings) -> bool:  # noqa: ARG001 - the same for all sources
    """Always true: nothing is needed."""
    return True


def plan(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:
    """Requests and minutes of the next run."""
    from pipeline.sources.bluesky.config import config_of
    from pipeline.sources.bluesky.run_plan import plan_run

    return plan_run(config_of(settings), lake, registry_rows, now=now)


def extract(settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:
    """Read what is new of every registered account of Bluesky."""
    from pipeline.sources.bluesky.config import config_of
    from pipeline.sources.bluesky.extraction import extract as read_all

    return read_all(config_of(settings), lake, registry_rows, run)


def recover(lake: Lake, *, now: datetime) -> int:
    """Commit the journals of crashed runs."""
    from pipeline.sources.api.journal import recover as recover_journals
    from pipeline.sources.bluesky.feed_platform import BLUESKY

    return recover_journals(lake, BLUESKY.journals, now=now)


def check_state(key: str, value: object, *, now: datetime) -> None:
    """Judge the bookmark of a feed; no other state can be judged."""
    from pipeline.sources.api.feeds.bookmarks import read_bookmark

    if key.startswith("timeline:"):
        read_bookmark(value, key=key, now=now, platform_name=PLATFORM_NAME)


def look_up(settings: Settings, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
    """Profiles by handle or DID."""
    from pipeline.sources.bluesky.config import config_of
    from pipeline.sources.bluesky.look_up import look_up as ask

    return ask(config_of(settings), lake, asked, run)


def find_gaps(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:
    """Days and posts of Bluesky that were missed."""
    from pipeline.sources.api.feeds.gaps import find_gaps as find
    from pipeline.sources.bluesky.accounts import read_targets
    from pipeline.sources.bluesky.feed_platform import BLUESKY

    targets, _ = read_targets(registry_rows, at=now)
    return find(BLUESKY, lake, targets, now=now, backfill_days=settings.backfill_days)


def probe(settings: Settings, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask Bluesky for stored posts and accounts."""
    from pipeline.sources.bluesky.config import config_of
    from pipeline.sources.bluesky.probing import probe as ask

    return ask(config_of(settings), lake, posts, accounts, run)
