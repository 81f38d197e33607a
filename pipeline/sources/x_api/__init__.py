"""The X API as a source: tweepy, a token, a bill. This face imports little; each function loads what it needs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, Gap, Plan, Probe, RegistryRows
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.config import config_of

if TYPE_CHECKING:
    from pipeline.sources.x_api.config import XApiConfig

NAME = "x_api"
DESCRIPTION = "X API v2: account snapshots, posts and their metrics at fixed ages"
TABLES: tuple[str, ...] = ("accounts", "handle_changes", "posts", "post_metrics", "issues")
PLATFORM = "x"
PLATFORM_NAME = "X"
SETUP = "set TWEETBENCH_X_BEARER_TOKEN in .env"


def is_configured(settings: Settings) -> bool:
    """True with an app token."""
    return config_of(settings) is not None


def plan(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:
    """Requests, resources and US dollars of the next run."""
    from pipeline.sources.x_api.run_plan import plan_run

    return plan_run(_config(settings), lake, registry_rows, now=now)


def extract(settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:
    """Read what is new of every registered account of X."""
    from pipeline.sources.x_api.extraction import extract as read_all

    return read_all(_config(settings), lake, registry_rows, run)


def recover(lake: Lake, *, now: datetime) -> int:
    """Commit the journals of crashed runs."""
    from pipeline.sources.api.journal import recover as recover_journals
    from pipeline.sources.x_api.conversion import JOURNALS

    return recover_journals(lake, JOURNALS, now=now)


def check_state(key: str, value: object, *, now: datetime) -> None:
    """Judge the bookmark of a timeline; X keeps no other state that can be judged."""
    from pipeline.sources.x_api.bookmarks import read_bookmark

    if key.startswith("timeline:"):
        read_bookmark(value, key=key, now=now)


def look_up(settings: Settings, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
    """Accounts by handle, each billed as one read."""
    from pipeline.sources.x_api.look_up import look_up as ask

    return ask(_config(settings), lake, asked, run)


def find_gaps(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:
    """Days and posts of X that were missed."""
    from pipeline.sources.x_api.gaps import find_gaps as find

    return find(lake, registry_rows, now=now, backfill_days=settings.backfill_days)


def probe(settings: Settings, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask X for stored posts and accounts, until the money is used up."""
    from pipeline.sources.x_api.probing import probe as ask

    return ask(_config(settings), lake, posts, accounts, run)


def _config(settings: Settings) -> "XApiConfig":
    config = config_of(settings)
    if config is None:
        raise TweetbenchError(
            "X cannot be asked without a token",
            where="environment or .env",
            next_step=f"{SETUP}, then run: tweetbench doctor",
            exit_code=Exit.AUTHENTICATION,
        )
    return config
