"""What tests of API sources share: time that only sleeping moves, and a lake that runs write to."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from pipeline.lake import Lake
from pipeline.sources.api.run import ApiRun

Server = TypeVar("Server")


@dataclass
class StillTime:
    """A clock that sleeping moves, and tests."""

    seconds: float = 1_000.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Time that nobody slept."""
        self.seconds += seconds


@dataclass
class LakeStand(Generic[Server]):
    """One server and one lake; every run has a name of its own."""

    tiny: Server
    folder: Path
    time: StillTime = field(default_factory=StillTime)
    runs: int = 0

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")

    def next_run(self, now: datetime) -> ApiRun:
        self.runs += 1
        return ApiRun(f"run{self.runs}", now, self.time.sleep, self.time.monotonic, lambda: 0.5)

    def rows(self, table: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.lake.read(table).to_pylist()
        return rows

    def problems(self) -> list[str]:
        return [row["problem"] for row in self.rows("issues")]
