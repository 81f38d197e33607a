"""Limits and habits that every API source has, as explicit values. Reads no environment and no files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.settings import Settings

# Keys and tokens of every platform have this many characters or more. A shorter value is a placeholder, and could be a
# part of some post's text.
SHORTEST_TOKEN = 20
USER_AGENT = f"tweetbench/{__version__}"


@dataclass(frozen=True, kw_only=True)
class ReadingConfig:
    """How one extraction reads; times in the unit that the name gives. `base_url`: where requests are sent."""

    base_url: str
    time_budget_seconds: float = 3_600.0
    connect_seconds: float = 3.05
    read_seconds: float = 30.0
    # One answer, headers and body together: a read timeout alone lets a slow drip last for ever.
    answer_seconds: float = 60.0
    max_answer_bytes: int = 32 * 1024 * 1024
    # Attempts for one request that only reads, and the time after which no further one begins.
    tries: int = 5
    retry_seconds: float = 120.0
    rows_in_memory: int = 10_000
    # A post that shows up within this time of its creation is found, however the runs are spaced; a later one is not.
    overlap_hours: float = 48.0
    # Runs closer together than this read new posts only; the overlap is read again by the next one.
    revisit_hours: float = 12.0
    backfill_days: int = 30
    refresh_ages_days: tuple[int, ...] = (1, 3, 7, 30)
    # Certificate authorities that are trusted besides the public ones.
    ca_file: Path | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every text that must appear nowhere; none where nothing is sent that is not public."""
        return ()


@dataclass(frozen=True, kw_only=True)
class FeedConfig(ReadingConfig):
    """How feeds are read."""

    # Pages of one feed in one run. The next run resumes an account that has more.
    max_feed_pages: int = 500


def shared_settings(settings: Settings) -> dict[str, Any]:
    """What the settings say of every API source."""
    return {
        "time_budget_seconds": settings.time_budget_minutes * 60,
        "backfill_days": settings.backfill_days,
        "ca_file": settings.ca_file,
    }


def refuse_placeholder(name: str, secret: SecretStr, *, platform_name: str) -> None:
    """Refuse what cannot be a token; `name` is its variable.

    Raises:
        TweetbenchError: it is too short (exit code 78).
    """
    if len(secret.get_secret_value()) >= SHORTEST_TOKEN:
        return
    raise TweetbenchError(
        f"{name} is too short to be a token of {platform_name}",
        where="environment or .env",
        why=f"it has fewer than {SHORTEST_TOKEN} characters; a placeholder, or cut off when it was copied",
        next_step=f"copy it again from the {platform_name} developer portal, or remove the line: files need no token; "
        "then run: tweetbench doctor",
        exit_code=Exit.CONFIGURATION,
    )
