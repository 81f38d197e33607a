"""The only place that reads the clock; everything else is handed a time."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

NOW_VARIABLE = "TWEETBENCH_NOW"


def utc_now() -> datetime:
    """The current UTC time, or the instant in TWEETBENCH_NOW (ISO 8601) when a demo or test replays a day."""
    fixed = os.environ.get(NOW_VARIABLE)
    if not fixed:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(fixed)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def seconds_since_change(path: Path) -> float:
    """How long ago a file (or a link itself) was last written, by the machine's own clock."""
    return time.time() - path.lstat().st_mtime
