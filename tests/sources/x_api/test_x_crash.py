"""kill -9 in the middle of a run, then a rerun: nothing lost or doubled, at most one page per crash paid twice."""

import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit
from pipeline.lake import Lake
from pipeline.sources.api.journal import Journal, recover
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.normalise import PostContext
from pipeline.sources.x_api.responses import open_posts
from tests.forking import Worker, open_worker
from tests.guarantees.crashing import KILLED
from tests.guarantees.flow import Order

from .stand import NOW, TOKEN, Stand, make_post, tiny_world
from .tiny_server import TinyX

PAGE = 100
REQUEST_COUNT = 6
DRAWN = random.Random(40)  # noqa: S311


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with open_worker() as made:
        yield made


def order(folder: Path, tiny: TinyX, run_id: str, **changes: Any) -> Order:
    """A run that only reads X; few rows in memory, so that commits fall between the pages and are hit as well."""
    return Order(str(folder), tiny.base_url, run_id, rows_in_memory=250, task="reading", **changes)


def run_and_kill(worker: Worker, tiny: TinyX, given: Order, *, at: int, delay: float) -> int:
    """Run and kill it some seconds after its n-th request came, if it lives that long; the exit code."""
    first, pids, is_born = len(tiny.requests), list[int](), threading.Event()

    def kill() -> None:
        is_born.wait(30)
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pids[0], signal.SIGKILL)

    def note(number: int) -> None:
        if number - first == at:
            threading.Timer(delay, kill).start()

    tiny.on_request = note
    pids.append(worker.start(given))
    is_born.set()
    return worker.exit_code()


@contextmanager
def two_accounts() -> Iterator[TinyX]:
    """320 and 60 posts: six pages and a few commits."""
    with tiny_world(320, account_count=2) as tiny:
        tiny.posts["1002"] = [make_post(n, author="1002", at=NOW - timedelta(minutes=n)) for n in range(1, 61)]
        yield tiny


def assert_whole(stand: Stand, tiny: TinyX, *, crashes: int) -> None:
    """Everything that the server has is there once, and each crash bought at most one page again."""
    assert stand.post_ids() == stand.served_posts()
    keys = [(row["post_id"], row["captured_at"]) for row in stand.rows("posts")]
    assert len(keys) == len(set(keys))
    # The rerun comes after midnight, when X bills everything again: both days have two accounts.
    assert len(tiny.served) <= 320 + 60 + 2 * 2 + PAGE * crashes
    assert list((JOURNALS.folder(stand.lake)).glob("*")) == []


def test_a_kill_before_any_file_operation_loses_nothing_and_buys_at_most_one_page_twice(
    worker: Worker, tmp_path: Path
) -> None:
    count, step = tmp_path / "count.txt", 6
    with two_accounts() as tiny:
        assert worker.run(order(tmp_path / "whole", tiny, "whole", hours=11.99, count_to=str(count))) == 0
    for first in range(1, int(count.read_text()) - step, step):
        number = first + DRAWN.randrange(step)
        with two_accounts() as tiny:
            stand = Stand(tiny, tmp_path / str(number))
            assert worker.run(order(stand.folder, tiny, "killed", hours=11.99, die_at=number)) == KILLED
            assert worker.run(order(stand.folder, tiny, "again", hours=12.5)) == 0
            assert_whole(stand, tiny, crashes=1)


@pytest.mark.parametrize("at", range(1, REQUEST_COUNT + 1))
def test_a_kill_at_any_request_loses_nothing_and_buys_at_most_one_page_twice(
    worker: Worker, tmp_path: Path, at: int
) -> None:
    with two_accounts() as tiny:
        stand = Stand(tiny, tmp_path)
        killed = order(tmp_path, tiny, "killed", hours=11.99)
        code = run_and_kill(worker, tiny, killed, at=at, delay=DRAWN.uniform(0, 0.03))
        # After the last answer the run may have ended before the signal came.
        assert code == KILLED or (at, code) == (REQUEST_COUNT, 0)
        assert worker.run(order(tmp_path, tiny, "again", hours=12.5)) == 0
        assert_whole(stand, tiny, crashes=1)


def test_kills_in_a_row_still_converge(worker: Worker, tmp_path: Path) -> None:
    with two_accounts() as tiny:
        codes = []
        for attempt in range(6):
            given = order(tmp_path, tiny, f"try{attempt}", hours=attempt / 20)
            codes.append(run_and_kill(worker, tiny, given, at=2 + attempt % 2, delay=0.004))
        assert worker.run(order(tmp_path, tiny, "last", hours=0.5)) == 0
        assert codes.count(KILLED) >= 3
        assert_whole(Stand(tiny, tmp_path), tiny, crashes=codes.count(KILLED))


def test_of_two_runs_at_once_one_works_and_the_other_ends_with_busy(worker: Worker, tmp_path: Path) -> None:
    is_third, second_has_ended = threading.Event(), threading.Event()
    with two_accounts() as tiny, open_worker() as other:
        stand = Stand(tiny, tmp_path)

        def hold_the_third(number: int) -> None:
            if number == 3:
                is_third.set()
                second_has_ended.wait(30)

        tiny.on_request = hold_the_third
        pid = worker.start(order(tmp_path, tiny, "first"))
        assert is_third.wait(30)
        shown = Path(f"/proc/{pid}/cmdline").read_text()
        assert other.run(order(tmp_path, tiny, "second")) == Exit.BUSY.value == 75
        asked_meanwhile = len(tiny.requests)
        second_has_ended.set()
        assert worker.exit_code() == 0
        assert (asked_meanwhile, TOKEN in shown) == (3, False)
        assert {commit.run_id for commit in stand.lake.commits()} == {"first"}
        assert_whole(stand, tiny, crashes=0)
        # The lock dies with its process: nothing has to be cleaned up before the next run.
        assert other.run(order(tmp_path, tiny, "third", hours=0.1)) == 0


def row(number: int) -> dict[str, object]:
    return {"platform": "x", "captured_at": NOW, "post_id": str(number), "created_at": NOW}


def test_a_journal_left_by_a_crash_is_committed_once_without_its_torn_line(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="old-run", rows_in_memory=99, clock=lambda: NOW)
    landing.append({"posts": [row(1)]}, {"timeline:1": {"high": "1"}})
    landing.append({"posts": [row(2)]}, {"timeline:1": {"high": "2"}})
    journal = next(JOURNALS.folder(lake).glob("*.jsonl"))
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"tables": {"posts": [{"post_')
    assert journal.stat().st_mode & 0o777 == 0o600
    assert recover(lake, JOURNALS, now=NOW) == 1
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "2"]
    assert lake.read("posts")["run_id"].to_pylist() == ["old-run", "old-run"]
    assert lake.state("x_api") == {"timeline:1": {"high": "2"}}
    # Killed between the commit and the removal of the journal.
    journal.write_bytes(whole)
    assert recover(lake, JOURNALS, now=NOW) == 1
    assert lake.read("posts").num_rows == 2
    assert recover(lake, JOURNALS, now=NOW) == 0


def test_a_damaged_line_inside_a_journal_becomes_an_issue(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=99, clock=lambda: NOW)
    for number in (1, 2, 3):
        landing.append({"posts": [row(number)]})
    journal = next(JOURNALS.folder(lake).glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\x00garbage\n" + lines[2])
    recover(lake, JOURNALS, now=NOW)
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "3"]
    assert lake.read("issues")["problem"].to_pylist() == ["journal_damaged"]


def test_answers_left_in_a_journal_become_the_rows_that_the_run_would_have_committed(tmp_path: Path) -> None:
    posts = [make_post(1, text='line\nquote" \U0001f600', entities={"hashtags": [{"tag": "ä"}]}), make_post(2)]
    text = json.dumps({"data": posts, "meta": {"next_token": "t"}}, indent=1).encode()
    page = open_posts(text, PostContext(NOW, "GET /2/users/:id/tweets", handles={"1001": "firm1"}))
    lakes = [Lake(tmp_path / name) for name in ("committed", "recovered")]
    for lake in lakes:
        landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=99, clock=lambda: NOW)
        landing.append(page.tables if page else {}, {"timeline:1001": {"high": "2"}})
        if lake is lakes[0]:
            landing.commit()
            assert landing.row_counts == {"posts": 2, "post_metrics": 2}
    assert recover(lakes[1], JOURNALS, now=NOW) == 1
    for name in ("posts", "post_metrics"):
        assert lakes[0].read(name).equals(lakes[1].read(name))
    assert lakes[1].read("posts")["text"].to_pylist() == [post["text"] for post in posts]
    assert [json.loads(payload) for payload in lakes[1].read("posts")["payload"].to_pylist()] == posts


def test_memory_holds_a_bounded_number_of_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Journal(lake, JOURNALS, run_id="r", rows_in_memory=10, clock=lambda: NOW)
    for number in range(35):
        landing.append({"posts": [row(number)]})
    assert [commit.row_counts()["posts"] for commit in lake.commits()] == [10, 10, 10]
    landing.commit()
    assert lake.read("posts").num_rows == 35
