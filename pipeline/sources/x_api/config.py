"""What the X source needs to know, as explicit values. Reads no environment and no files."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from pipeline.settings import PROJECT_DIR

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

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every value that must not be shown."""
        given = (self.access_token, self.access_token_secret, self.consumer_key, self.consumer_secret)
        return tuple(secret for secret in given if secret is not None)


@dataclass(frozen=True)
class XApiConfig:
    """Limits and habits of one extraction; times in the unit that the name gives."""

    bearer_token: SecretStr
    base_url: str = TWEEPY_HOST
    user_token: UserToken | None = None
    max_usd: float = 1.0
    prices_file: Path = PRICES_FILE
    time_budget_seconds: float = 3_600.0
    connect_seconds: float = 3.05
    read_seconds: float = 30.0
    # One answer, headers and body together: a read timeout alone lets a slow drip go on for ever.
    answer_seconds: float = 60.0
    max_answer_bytes: int = 32 * 1024 * 1024
    tries: int = 5
    retry_seconds: float = 120.0
    rows_in_memory: int = 10_000
    # A post that shows up within this time of its creation is found, however the runs are spaced.
    overlap_hours: float = 48.0
    # Runs closer together than this read new posts only; the overlap is read again by the next one.
    revisit_hours: float = 12.0
    backfill_days: int = 30
    refresh_ages_days: tuple[int, ...] = (1, 3, 7, 30)
    private_metrics_days: int = 29

    def secrets(self) -> tuple[str, ...]:
        """Every text that must appear nowhere."""
        held = (self.bearer_token, *(self.user_token.secrets() if self.user_token else ()))
        return tuple(text for secret in held if (text := secret.get_secret_value()))
