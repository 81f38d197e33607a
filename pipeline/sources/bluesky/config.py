"""What the Bluesky source needs to know, as explicit values. Reads no environment and no files."""

from dataclasses import dataclass

from pipeline import __version__
from pipeline.settings import BLUESKY_APPVIEW, Settings

USER_AGENT = f"tweetbench/{__version__}"


@dataclass(frozen=True)
class BlueskyConfig:
    """Limits and habits of one extraction; times in the unit that the name gives."""

    base_url: str = BLUESKY_APPVIEW
    time_budget_seconds: float = 3_600.0
    connect_seconds: float = 3.05
    read_seconds: float = 30.0
    answer_seconds: float = 60.0
    max_answer_bytes: int = 32 * 1024 * 1024
    tries: int = 5
    retry_seconds: float = 120.0
    rows_in_memory: int = 10_000
    # A post that the AppView lists within this time of its creation is found, however the runs are spaced.
    overlap_hours: float = 48.0
    # Runs closer together than this read new posts only; the overlap is read again by the next one.
    revisit_hours: float = 12.0
    backfill_days: int = 30
    refresh_ages_days: tuple[int, ...] = (1, 3, 7, 30)
    # Pages of one feed in one run: 50,000 entries. The next run resumes an account that has more.
    max_feed_pages: int = 500

    def secrets(self) -> tuple[str, ...]:
        """There are none: nothing is sent that is not public."""
        return ()


def config_of(settings: Settings) -> BlueskyConfig:
    """What the settings say of reading from Bluesky."""
    return BlueskyConfig(
        base_url=settings.bluesky_api_base_url,
        time_budget_seconds=settings.x_time_budget_minutes * 60,
        backfill_days=settings.x_backfill_days,
    )
