"""What the Bitly source needs to know, as explicit values, and what the settings say of it."""

from dataclasses import dataclass

from pydantic import SecretStr

from pipeline.settings import Settings
from pipeline.sources.api.config import ReadingConfig, refuse_placeholder, shared_settings

TOKEN_NAME = "TWEETBENCH_BITLY_TOKEN"  # noqa: S105 - the name of the variable


@dataclass(frozen=True, kw_only=True)
class BitlyConfig(ReadingConfig):
    """Limits and habits of one extraction.

    Raises:
        TweetbenchError: the token is too short to be one (exit code 78).
    """

    token: SecretStr

    def __post_init__(self) -> None:
        refuse_placeholder(TOKEN_NAME, self.token, platform_name="Bitly")

    def secrets(self) -> tuple[str, ...]:
        """Every text that must appear nowhere."""
        return (self.token.get_secret_value(),)


def config_of(settings: Settings) -> BitlyConfig | None:
    """Limits and token; None without a token."""
    if settings.bitly_token is None or not settings.bitly_token.get_secret_value():
        return None
    return BitlyConfig(base_url=settings.bitly_api_base_url, token=settings.bitly_token, **shared_settings(settings))
