"""Asks a platform whether its stored accounts and posts are still there; every answer lands in the lake."""

import time
from datetime import datetime

from pipeline.comply.lake_removals import served_posts, stored_accounts
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiSource, Probe


def ask(source: ApiSource, settings: Settings, lake: Lake, *, run_id: str, now: datetime) -> Probe:
    """Ask for every stored account, and for every stored post that was public when it was last read.

    Raises:
        TweetbenchError: the token is refused, or the disk is full; what was read is kept.
    """
    source.recover(lake, now=now)
    return source.probe(
        settings,
        lake,
        served_posts(lake, source.NAME),
        stored_accounts(lake, source.NAME),
        ApiRun(run_id, now, time.sleep, time.monotonic),
    )
