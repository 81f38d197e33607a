"""The registered accounts, accounts.csv, as rows; and the API sources that are asked about them."""

from datetime import datetime
from pathlib import Path

from pipeline import sources
from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.api.source import ApiSource
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Request
from pipeline.sources.lake_source import Row

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


def asked_sources(settings: Settings, *, now: datetime) -> list[ApiSource]:
    """The API sources that a run asks: configured, with accounts of their platform in the registry.

    Raises:
        TweetbenchError: the registry cannot be read, or a token cannot be one.
    """
    platforms = {row["platform"] or "x" for row in registry_rows(settings, now=now)}
    return [source for source in sources.API_SOURCES if source.PLATFORM in platforms and source.is_configured(settings)]
