"""What the Bluesky source needs to know, as explicit values, and what the settings say of it."""

from pipeline.settings import Settings
from pipeline.sources.api.config import FeedConfig, shared_settings


class BlueskyConfig(FeedConfig):
    """Limits and habits of one extraction."""


def config_of(settings: Settings) -> BlueskyConfig:
    """What the settings say of reading from Bluesky."""
    return BlueskyConfig(base_url=settings.bluesky_api_base_url, **shared_settings(settings))
