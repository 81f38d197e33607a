"""Crashing the small flow in every way and judging what is left: the state is that before or that after, and the next
run ends where a run without the crash ended. Holds no test.
"""

import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.lake import Lake
from pipeline.maintain.verify import verify
from pipeline.sources.api.journal import FOLDER as JOURNALS
from tests.conftest import NOW
from tests.forking import Worker, open_worker
from tests.guarantees.flow import (
    PAGE,
    Order,
    World,
    copy_folder,
    lake_contents,
    make_settings,
    open_world,
    published_contents,
)

KILLED = -signal.SIGKILL
LATER = 24.0


@dataclass(frozen=True)
class Stage:
    """A data folder after its first run, a day's news that wait, and what a run without a crash makes of them."""

    worker: Worker
    world: World
    template: Path
    before: dict[str, Any]
    after: dict[str, Any]
    lake_after: dict[str, list[str]]
    served: int
    points: tuple[tuple[str, int], ...]
    operation_count: int
    seconds: float

    def order(self, folder: Path, **changes: Any) -> Order:
        """The second run of a data folder."""
        return replace(Order(str(folder), self.world.tiny.base_url, "second", hours=LATER), **changes)

    def fresh(self, folder: Path) -> Path:
        """A folder in which the second run is about to start."""
        shutil.rmtree(folder, ignore_errors=True)
        self.world.tiny.served.clear()
        return copy_folder(self.template, folder)


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """Everything that crashes are tried on; the reference runs are made here."""
    with open_world() as world, open_worker() as worker:
        template, reference = folder / "template", folder / "reference"
        make_settings(template)
        world.drop(template)
        assert worker.run(Order(str(template), world.tiny.base_url, "first")) == 0
        before = published_contents(template)
        assert before is not None
        world.grow()
        world.drop(template)
        world.tiny.served.clear()
        copy_folder(template, reference)
        trace, count = folder / "trace.txt", folder / "count.txt"
        order = Order(str(reference), world.tiny.base_url, "second", hours=LATER, trace=str(trace), count_to=str(count))
        started = time.monotonic()
        assert worker.run(order) == 0
        seconds = time.monotonic() - started
        after = published_contents(reference)
        assert after is not None
        assert after != before
        served, passages = len(world.tiny.served), Counter(trace.read_text().split())
        points = tuple((name, hit) for name, hits in sorted(passages.items()) for hit in range(1, hits + 1))
        yield Stage(
            *(worker, world, template, before, after, lake_contents(reference), served),
            *(points, int(count.read_text()), seconds),
        )


def judge(stage: Stage, folder: Path, *, crashes: int = 1) -> list[str]:
    """What a crash broke, first as it left the folder, then after one more run; empty where every promise holds."""
    wrong = []
    shown = published_contents(folder)
    if shown not in (stage.before, stage.after):
        wrong.append("G1: readers see neither the version before nor the one after")
    wrong += _lake_problems(folder)
    if stage.worker.run(stage.order(folder)) != 0:
        return [*wrong, "G2: the next run failed"]
    if published_contents(folder) != stage.after:
        wrong.append("G2: the marts differ from those of a run without a crash")
    lake = lake_contents(folder)
    wrong += [f"G2: rows of {table} differ" for table, rows in lake.items() if rows != stage.lake_after[table]]
    if len(stage.world.tiny.served) > stage.served + PAGE * crashes:
        wrong.append(f"G5: {len(stage.world.tiny.served)} resources bought instead of {stage.served}")
    if list((folder / "lake" / JOURNALS).rglob("*.jsonl")):
        wrong.append("G3: a journal was left")
    return wrong


def _lake_problems(folder: Path) -> Iterator[str]:
    lake = Lake(folder / "lake")
    rows = lake.read("posts").to_pylist()
    keys = [(row["post_id"], row["captured_at"]) for row in rows]
    if len(keys) != len(set(keys)):
        yield f"G3: {len(keys) - len(set(keys))} readings of posts are there twice"
    landed = {row["post_id"] for row in rows}
    for key, value in lake.state("x_api").items():
        if key.startswith("timeline:") and value.get("high") and value["high"] not in landed:
            yield f"G4: {key} is ahead of the posts in the lake"
    for finding in verify(make_settings(folder), now=NOW).damage:
        yield f"G7: {finding.where}: {finding.what}: {finding.why}"
