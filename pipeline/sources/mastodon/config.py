"""What the Mastodon source needs to know, as explicit values, and what the settings say of it."""

from dataclasses import replace

from pipeline.settings import Settings
from pipeline.sources.api.config import FeedConfig, shared_settings


class MastodonConfig(FeedConfig):
    """Limits and habits of one extraction. `base_url`: empty, or where all servers are reached, each by its name."""

    def at(self, host: str) -> "MastodonConfig":
        """The same for one server."""
        return replace(self, base_url=f"{self.base_url.rstrip('/')}/{host}" if self.base_url else f"https://{host}")


def config_of(settings: Settings) -> MastodonConfig:
    """What the settings say of reading from Mastodon."""
    return MastodonConfig(base_url=settings.mastodon_api_base_url, **shared_settings(settings))
