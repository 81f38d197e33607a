"""One run of an API source, and its time. A source reads no clock of its own."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.sources.api.sharing import AccountShare


@dataclass(frozen=True)
class ApiRun:
    """The run that writes, and time as it sees it.

    `now` is the UTC time at which it starts; later rows are stamped with the time that `monotonic` adds. `sleep` waits
    for some seconds, `monotonic` gives the seconds of a clock that never goes back, `jitter` draws from [0, 1).
    `share` is set where others read other accounts at the same time.
    """

    run_id: str
    now: datetime
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    jitter: Callable[[], float] = random.random
    share: AccountShare | None = None
    started: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "started", self.monotonic())

    def clock(self) -> datetime:
        """The time in UTC."""
        return self.now + timedelta(seconds=self.monotonic() - self.started)

    def epoch(self) -> float:
        """The same in seconds since 1970."""
        return self.clock().timestamp()
