"""The registered accounts, accounts.csv, as rows; and what the settings say about reading them from X."""

from datetime import datetime
from pathlib import Path

from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Request
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.config import UserToken, XApiConfig

BLANK_BYTES = 4_096
BLANKS = b" \t\r\n\xef\xbb\xbf\xfe\xff"  # byte order marks too, which editors write into an empty file


def registry_rows(settings: Settings, *, now: datetime) -> list[Row]:
    """Rows of `account_registry` as accounts.csv stands; none without the file, or while it is empty.

    Raises:
        TweetbenchError: the file cannot be read as a registry.
    """
    if not settings.accounts_file.exists() or is_blank(settings.accounts_file):
        return []
    reading = account_registry.read(open_input(settings.accounts_file, settings.max_file_mb), Request(now))
    return list(reading.tables["account_registry"])


def is_blank(path: Path) -> bool:
    """True for a regular file of white space alone, or of nothing."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > BLANK_BYTES:
        return False
    return not path.read_bytes().strip(BLANKS)


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
