"""Bitly as a source: clicks per UTC day on the links of the token's own groups. This face imports little.

It has no accounts and no posts: nobody is watched, looked up or probed. Bookmarks are `timeline:<link>`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult, Gap, Plan, Probe, RegistryRows
from pipeline.sources.lake_source import Row

NAME = "bitly"
DESCRIPTION = "Bitly: clicks per UTC day on your own short links"
TABLES: tuple[str, ...] = ("link_clicks", "issues")
PLATFORM = "bitly"
PLATFORM_NAME = "Bitly"
SETUP = "set TWEETBENCH_BITLY_TOKEN in .env"


def is_configured(settings: Settings) -> bool:
    """True with a token."""
    from pipeline.sources.bitly.config import config_of

    return config_of(settings) is not None


def plan(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:  # noqa: ARG001
    """Requests and minutes of the next run, for the links that are known by now."""
    from pipeline.sources.bitly.config import config_of
    from pipeline.sources.bitly.run_plan import plan_run

    if config_of(settings) is None:
        raise _no_token()
    return plan_run(lake, now=now)


def extract(settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:  # noqa: ARG001
    """Read the days that are over and were not read before, of every link."""
    from pipeline.sources.bitly.config import config_of
    from pipeline.sources.bitly.extraction import extract as read_all

    config = config_of(settings)
    if config is None:
        raise _no_token()
    return read_all(config, lake, run)


def recover(lake: Lake, *, now: datetime) -> int:
    """Commit the journals of crashed runs."""
    from pipeline.sources.api.journal import recover as recover_journals
    from pipeline.sources.bitly.extraction import JOURNALS

    return recover_journals(lake, JOURNALS, now=now)


def check_state(key: str, value: object, *, now: datetime) -> None:
    """Judge the bookmark of a link."""
    from pipeline.sources.bitly.bookmarks import read_bookmark

    if key.startswith("timeline:"):
        read_bookmark(value, key=key, now=now)


def find_gaps(settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:  # noqa: ARG001
    """None: days that were not read are asked for by the next run, as far back as the plan shows them."""
    return []


def probe(settings: Settings, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:  # noqa: ARG001
    """Nothing: there are no posts and no accounts."""
    return Probe()


def look_up(settings: Settings, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:  # noqa: ARG001
    """Nothing: there are no accounts."""
    return {}


def _no_token() -> TweetbenchError:
    return TweetbenchError(
        "reading from Bitly needs a token",
        where="environment or .env",
        next_step=f"{SETUP}, then run: tweetbench doctor",
        exit_code=Exit.AUTHENTICATION,
    )
