"""The only place that reads the clock; everything else is handed a time."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError

NOW_VARIABLE = "TWEETBENCH_NOW"


def utc_now() -> datetime:
    """The current UTC time, or the instant in TWEETBENCH_NOW (ISO 8601) when a demo or test replays a day.

    Raises:
        TweetbenchError: that variable holds something else.
    """
    fixed = os.environ.get(NOW_VARIABLE)
    if not fixed:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        raise TweetbenchError(
            f"{NOW_VARIABLE} is not a time",
            where="environment",
            next_step=f"unset {NOW_VARIABLE}: only demos and tests set it",
            exit_code=Exit.CONFIGURATION,
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def has_settled(path: Path, seconds: float) -> bool:
    """Whether a file (or a link itself) was last written so long ago.

    A time in the future is no sign of writing: unzip and `cp -p` bring it from elsewhere, then the machine's own stamp
    decides. Where that lies in the future as well, the clock was set back, and the file is looked at twice.

    Raises:
        OSError: the file is gone.
    """
    status, now = path.lstat(), time.time()
    for written in (status.st_mtime, status.st_ctime):
        if written <= now:
            return now - written >= seconds
    time.sleep(seconds)
    later = path.lstat()
    return (later.st_size, later.st_mtime_ns) == (status.st_size, status.st_mtime_ns)
