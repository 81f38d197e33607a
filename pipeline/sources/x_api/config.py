"""What the X source needs to know, as explicit values, and what the settings say of it."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from pipeline.settings import PROJECT_DIR, Settings
from pipeline.sources.api.config import ReadingConfig, refuse_placeholder, shared_settings

PRICES_FILE = PROJECT_DIR / "dbt_project" / "seeds" / "x_prices.csv"
# The address that tweepy 4.17 has written into its code; requests to it are sent to `base_url`.
TWEEPY_HOST = "https://api.twitter.com"


@dataclass(frozen=True)
class UserToken:
    """User context of the own account: an OAuth 2 access token alone, or all four OAuth 1.0a values."""

    access_token: SecretStr
    access_token_secret: SecretStr | None = None
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None

    @property
    def is_oauth1(self) -> bool:
        return None not in (self.access_token_secret, self.consumer_key, self.consumer_secret)

    def named(self) -> dict[str, SecretStr]:
        """Every value that must not be shown, by the variable that holds it."""
        given = {
            "TWEETBENCH_X_ACCESS_TOKEN": self.access_token,
            "TWEETBENCH_X_ACCESS_TOKEN_SECRET": self.access_token_secret,
            "TWEETBENCH_X_CONSUMER_KEY": self.consumer_key,
            "TWEETBENCH_X_CONSUMER_SECRET": self.consumer_secret,
        }
        return {name: secret for name, secret in given.items() if secret is not None}

    def secrets(self) -> tuple[SecretStr, ...]:
        """The same without the names."""
        return tuple(self.named().values())


@dataclass(frozen=True, kw_only=True)
class XApiConfig(ReadingConfig):
    """Limits and habits of one extraction.

    Raises:
        TweetbenchError: a token is too short to be one (exit code 78).
    """

    bearer_token: SecretStr
    user_token: UserToken | None = None
    max_usd: float = 1.0
    prices_file: Path = PRICES_FILE
    private_metrics_days: int = 29

    def __post_init__(self) -> None:
        named = {"TWEETBENCH_X_BEARER_TOKEN": self.bearer_token, **(self.user_token.named() if self.user_token else {})}
        for name, secret in named.items():
            refuse_placeholder(name, secret, platform_name="X")

    def secrets(self) -> tuple[str, ...]:
        """Every text that must appear nowhere."""
        held = (self.bearer_token, *(self.user_token.secrets() if self.user_token else ()))
        return tuple(text for secret in held if (text := secret.get_secret_value()))


def config_of(settings: Settings) -> XApiConfig | None:
    """Limits and tokens of the X source; None without an app token."""
    if settings.x_bearer_token is None or not settings.x_bearer_token.get_secret_value():
        return None
    user_token = None
    if settings.x_access_token is not None:
        user_token = UserToken(
            settings.x_access_token,
            settings.x_access_token_secret,
            settings.x_consumer_key,
            settings.x_consumer_secret,
        )
    return XApiConfig(
        base_url=settings.x_api_base_url,
        bearer_token=settings.x_bearer_token,
        user_token=user_token,
        max_usd=settings.max_usd_per_run,
        **shared_settings(settings),
    )
