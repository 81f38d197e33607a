"""kill -9 in the middle of a run, then a rerun: nothing lost or doubled, at most one page per crash paid twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.lake import Lake
from pipeline.sources.x_api.landing import FOLDER, Landing, recover

from .stand import NOW, Stand, make_post, tiny_world
from .tiny_server import TinyX

ROOT = Path(__file__).resolve().parents[2]


def start_child(folder: Path, tiny: TinyX, run_id: str, hours: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.x_api.crash_child", str(folder), tiny.base_url, run_id, str(hours)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def run_and_kill(folder: Path, tiny: TinyX, run_id: str, *, at: int, moment: str, delay: float, hours: float) -> bool:
    """Run a child and kill it at its n-th request; True if it was killed."""
    born = threading.Event()
    children: list[subprocess.Popen[bytes]] = []
    first = len(tiny.requests)

    def kill(number: int, seen: str) -> None:
        if number - first == at and seen == moment:
            born.wait(10)
            threading.Event().wait(delay)
            children[0].send_signal(signal.SIGKILL)
            children[0].wait()

    tiny.on_request = kill
    children.append(start_child(folder, tiny, run_id, hours))
    born.set()
    _, errors = children[0].communicate(timeout=60)
    tiny.on_request = lambda _number, _moment: None
    assert children[0].returncode in {0, -signal.SIGKILL}, errors.decode()
    return children[0].returncode != 0


# The seed is fixed: a failing point comes back.
POINTS = [
    (at, moment, round(random.Random(at * 7 + len(moment)).uniform(0, 0.02), 4))  # noqa: S311
    for at in (1, 3, 5, 8)
    for moment in ("asked", "answered")
]


@pytest.mark.parametrize(("at", "moment", "delay"), POINTS)
def test_a_kill_at_any_point_loses_nothing_and_buys_at_most_one_page_twice(
    tmp_path: Path, at: int, moment: str, delay: float
) -> None:
    with tiny_world(520, account_count=2) as tiny:
        tiny.posts["1002"] = [make_post(n, author="1002", at=NOW - timedelta(minutes=n)) for n in range(1, 121)]
        stand = Stand(tiny, tmp_path)
        # The rerun comes after midnight, when X bills everything anew.
        assert run_and_kill(tmp_path, tiny, "killed", at=at, moment=moment, delay=delay, hours=11.99)
        again = start_child(tmp_path, tiny, "again", 12.5)
        assert again.wait(60) == 0
        assert stand.post_ids() == stand.served_posts()
        keys = [(row["post_id"], row["captured_at"]) for row in stand.rows("posts")]
        assert len(keys) == len(set(keys))
        assert len(tiny.served) <= 520 + 120 + 2 * 2 + 100
        assert list((stand.lake.root / FOLDER).glob("*")) == []


def test_kills_in_a_row_still_converge(tmp_path: Path) -> None:
    with tiny_world(520, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        crashes = 0
        for attempt in range(6):
            crashes += run_and_kill(
                tmp_path, tiny, f"try{attempt}", at=2 + attempt % 2, moment="answered", delay=0.004, hours=0
            )
        assert start_child(tmp_path, tiny, "last", 0).wait(60) == 0
        assert crashes >= 3
        assert stand.post_ids() == stand.served_posts()
        assert len([item for item in tiny.served if len(item) > 4]) <= 520 + 100 * crashes


def row(number: int) -> dict[str, object]:
    return {"platform": "x", "captured_at": NOW, "post_id": str(number), "created_at": NOW}


def test_a_journal_left_by_a_crash_is_committed_once_without_its_torn_line(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Landing(lake, source="x_api", run_id="old-run", rows_in_memory=99, clock=lambda: NOW)
    landing.append({"posts": [row(1)]}, {"timeline:1": {"high": "1"}})
    landing.append({"posts": [row(2)]}, {"timeline:1": {"high": "2"}})
    journal = next((tmp_path / FOLDER).glob("*.jsonl"))
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"tables": {"posts": [{"post_')
    assert journal.stat().st_mode & 0o777 == 0o600
    assert recover(lake, source="x_api", now=NOW) == 1
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "2"]
    assert lake.read("posts")["run_id"].to_pylist() == ["old-run", "old-run"]
    assert lake.state("x_api") == {"timeline:1": {"high": "2"}}
    # Killed between the commit and the removal of the journal.
    journal.write_bytes(whole)
    assert recover(lake, source="x_api", now=NOW) == 1
    assert lake.read("posts").num_rows == 2
    assert recover(lake, source="x_api", now=NOW) == 0


def test_a_damaged_line_inside_a_journal_becomes_an_issue(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Landing(lake, source="x_api", run_id="r", rows_in_memory=99, clock=lambda: NOW)
    for number in (1, 2, 3):
        landing.append({"posts": [row(number)]})
    journal = next((tmp_path / FOLDER).glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\x00garbage\n" + lines[2])
    recover(lake, source="x_api", now=NOW)
    assert lake.read("posts")["post_id"].to_pylist() == ["1", "3"]
    assert lake.read("issues")["problem"].to_pylist() == ["journal_damaged"]


def test_memory_holds_a_bounded_number_of_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    landing = Landing(lake, source="x_api", run_id="r", rows_in_memory=10, clock=lambda: NOW)
    for number in range(35):
        landing.append({"posts": [row(number)]})
    assert [commit.row_counts()["posts"] for commit in lake.commits()] == [10, 10, 10]
    landing.commit()
    assert lake.read("posts").num_rows == 35
