"""What the Bluesky source needs to know, as explicit values, and what the settings say of it."""

from dataclasses import dataclass

from pipeline import __version__
from pipeline.settings import Settings
from pipeline.sources.api.config import ReadingConfig, shared_settings

USER_AGENT = f"tweetbench/{__version__}"


@dataclass(frozen=True, kw_only=True)
class BlueskyConfig(ReadingConfig):
    """Limits and habits of one extraction."""

    # Pages of one feed in one run: 50,000 entries. The next run resumes an account that has more.
    max_feed_pages: int = 500


def config_of(settings: Settings) -> BlueskyConfig:
    """What the settings say of reading from Bluesky."""
    return BlueskyConfig(base_url=settings.bluesky_api_base_url, **shared_settings(settings))
