"""kill -9 in a run of any API source, then a rerun: nothing is lost or doubled, a page at most is read twice."""

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit
from pipeline.lake import Lake
from pipeline.sources.api.journal import FOLDER as JOURNALS
from pipeline.sources.api.source import ApiSource
from tests.conftest import NOW
from tests.forking import Worker, open_worker
from tests.guarantees.crashing import KILLED
from tests.guarantees.flow import Order
from tests.sources.api.platform import SourceStand, open_stand

POSTS = (320, 60)  # of two accounts: six pages and a few commits
KILLS = 8
DRAWN = random.Random(40)  # noqa: S311


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with open_worker() as made:
        yield made


@pytest.fixture(scope="module")
def other_worker() -> Iterator[Worker]:
    with open_worker() as made:
        yield made


@pytest.fixture
def stand(source: ApiSource, tmp_path: Path) -> Iterator[SourceStand]:
    with open_stand(source, tmp_path / "data", account_count=2) as made:
        for account, count in enumerate(POSTS):
            made.fill(account, count, until=NOW - timedelta(minutes=account))
        yield made


def order(stand: SourceStand, run_id: str, folder: Path | None = None, **changes: Any) -> Order:
    """A run that only reads the source; few rows in memory, so that commits fall between the pages and are hit too."""
    data, base_url, registry = folder or stand.folder, stand.tiny.base_url, tuple(stand.platform.registry)
    return Order(
        *(str(data), base_url, run_id), source=stand.source.NAME, registry=registry, rows_in_memory=250,
        task="reading", **changes,
    )  # fmt: skip


def run_and_kill(worker: Worker, stand: SourceStand, given: Order, *, at: int, delay: float) -> int:
    """Run and kill it some seconds after its n-th request came, if it lives that long; the exit code."""
    first, pids, is_born = len(stand.tiny.requests), list[int](), threading.Event()

    def kill() -> None:
        is_born.wait(30)
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pids[0], signal.SIGKILL)

    def note(number: int) -> None:
        if number - first == at:
            threading.Timer(delay, kill).start()

    stand.tiny.on_request = note
    pids.append(worker.start(given))
    is_born.set()
    return worker.exit_code()


def assert_whole(stand: SourceStand, folder: Path, *, crashes: int, served_before: int = 0) -> None:
    """Everything that the platform has is there once, and each crash had at most one page served again."""
    lake = Lake(folder / "lake")
    rows = lake.read("posts").to_pylist()
    assert len({row["post_id"] for row in rows}) == sum(POSTS)
    keys = [(row["post_id"], row["captured_at"]) for row in rows]
    assert len(keys) == len(set(keys))
    accounts = set(stand.platform.account_ids)
    served = [name for name in stand.tiny.served[served_before:] if name not in accounts]
    newest = 0 if stand.platform.has_since else (crashes + 1) * (stand.platform.page_size + POSTS[1])
    assert len(served) <= sum(POSTS) + stand.platform.page_size * crashes + newest
    # What is billed by the day: the rerun comes after midnight, when both days have two accounts.
    assert not stand.platform.has_since or len(stand.tiny.served) - served_before - len(served) <= 2 * 2
    assert list((lake.root / JOURNALS).rglob("*.jsonl")) == []


def test_g02_g03_g04_g05_a_kill_before_any_file_operation_loses_nothing_and_reads_at_most_one_page_twice(
    worker: Worker, stand: SourceStand, tmp_path: Path
) -> None:
    count = tmp_path / "count.txt"
    assert worker.run(order(stand, "whole", tmp_path / "whole", hours=11.99, count_to=str(count))) == 0
    step = int(count.read_text()) // KILLS
    for first in range(1, step * KILLS, step):
        number, before = first + DRAWN.randrange(step), len(stand.tiny.served)
        folder = tmp_path / str(number)
        assert (number, worker.run(order(stand, "killed", folder, hours=11.99, die_at=number))) == (number, KILLED)
        assert worker.run(order(stand, "again", folder, hours=12.5)) == 0
        assert_whole(stand, folder, crashes=1, served_before=before)


def test_g02_g03_g04_g05_a_kill_at_any_request_loses_nothing_and_reads_at_most_one_page_twice(
    worker: Worker, stand: SourceStand, tmp_path: Path
) -> None:
    request_count = 6
    for at in range(1, request_count + 1):
        folder, before = tmp_path / str(at), len(stand.tiny.served)
        killed = order(stand, "killed", folder, hours=11.99)
        code = run_and_kill(worker, stand, killed, at=at, delay=DRAWN.uniform(0, 0.03))
        # After the last answer the run may have ended before the signal came.
        assert code == KILLED or (at, code) == (request_count, 0)
        assert worker.run(order(stand, "again", folder, hours=12.5)) == 0
        assert_whole(stand, folder, crashes=1, served_before=before)


def test_g02_g03_g05_kills_in_a_row_still_converge(worker: Worker, stand: SourceStand) -> None:
    codes = []
    for attempt in range(6):
        given = order(stand, f"try{attempt}", hours=attempt / 20)
        codes.append(run_and_kill(worker, stand, given, at=2 + attempt % 2, delay=0.004))
    assert worker.run(order(stand, "last", hours=0.5)) == 0
    assert codes.count(KILLED) >= 3
    assert_whole(stand, stand.folder, crashes=codes.count(KILLED))


def test_g11_g34_of_two_runs_at_once_one_works_and_the_other_ends_with_busy(
    worker: Worker, other_worker: Worker, stand: SourceStand
) -> None:
    is_third, second_has_ended = threading.Event(), threading.Event()

    def hold_the_third(number: int) -> None:
        if number == 3:
            is_third.set()
            second_has_ended.wait(30)

    stand.tiny.on_request = hold_the_third
    pid = worker.start(order(stand, "first"))
    assert is_third.wait(30)
    shown = Path(f"/proc/{pid}/cmdline").read_text()
    assert other_worker.run(order(stand, "second")) == Exit.BUSY.value == 75
    asked_meanwhile = len(stand.tiny.requests)
    second_has_ended.set()
    assert worker.exit_code() == 0
    assert (asked_meanwhile, [secret for secret in stand.platform.secrets if secret in shown]) == (3, [])
    assert {commit.run_id for commit in stand.lake.commits()} == {"first"}
    assert_whole(stand, stand.folder, crashes=0)
    # The lock dies with its process: nothing has to be cleaned up before the next run.
    assert other_worker.run(order(stand, "third", hours=0.1)) == 0
