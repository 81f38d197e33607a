"""The registered accounts, accounts.csv, as rows; and what the settings say about reading them from X."""

from datetime import datetime

from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.opening import open_input
from pipeline.sources.protocol import Request, Row
from pipeline.sources.x_api.config import UserToken, XApiConfig


def has_registry(settings: Settings) -> bool:
    """Whether there is an accounts.csv with anything in it."""
    return settings.accounts_file.exists() and settings.accounts_file.stat().st_size > 0


def registry_rows(settings: Settings, *, now: datetime) -> list[Row]:
    """Rows of `account_registry` as accounts.csv stands; none without the file, or while nothing is in it yet.

    Raises:
        TweetbenchError: the file cannot be read as a registry.
    """
    if not has_registry(settings):
        return []
    return account_registry.read(open_input(settings.accounts_file, settings.max_file_mb), Request(now)).tables[
        "account_registry"
    ]


def x_api_config(settings: Settings) -> XApiConfig | None:
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
        settings.x_bearer_token,
        base_url=settings.x_api_base_url,
        user_token=user_token,
        max_usd=settings.max_usd_per_run,
        time_budget_seconds=settings.x_time_budget_minutes * 60,
        backfill_days=settings.x_backfill_days,
    )
