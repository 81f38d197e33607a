"""One extraction from Mastodon."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from pipeline.lake import Lake
from pipeline.sources.api.feeds import extraction
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import ApiResult
from pipeline.sources.mastodon.accounts import capture_accounts, read_targets
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.refresh import ask
from pipeline.sources.mastodon.session import open_session


def extract(config: MastodonConfig, lake: Lake, registry_rows: Iterable[Mapping[str, Any]], run: ApiRun) -> ApiResult:
    """Read what is new of every registered account into the lake; the arguments are those of `ApiSource.extract`.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    return extraction.extract(
        MASTODON,
        lake,
        run,
        read_targets(registry_rows, at=run.now),
        open_session=partial(open_session, config, lake, run),
        capture=capture_accounts,
        ask=ask,
    )
