"""Runs that nobody works on any more are ended, others are left alone; a worker does not outlive its UI; a run that is
stopped leaves nothing behind."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from pipeline.orchestration.instance.lost_runs import (
    UI_VARIABLE,
    WORKER_TAG,
    cancel_lost_runs,
    end_lost_runs,
)
from pipeline.runtime.failpoints import PLAN_VARIABLE
from pipeline.runtime.lease import hold_lease
from pipeline.runtime.processes import process_mark
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.orchestration.ui.stand import environment, make_folder

STATUS = dg.DagsterRunStatus


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data")


def dead_mark() -> str:
    """The mark of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = process_mark(child.pid)
    child.communicate(b"\n")
    return mark


def found_at(path: Path) -> str:
    """What a file says, or which files a folder holds; nothing before it is there."""
    if path.is_dir():
        return "\n".join(str(file) for file in path.rglob("*"))
    return path.read_text() if path.exists() else ""


def processor_seconds(session: int) -> float:
    """What the processes of a session have used so far, and those of their children that have ended."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may end meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            used += sum(map(int, fields[11:15])) if int(fields[3]) == session else 0
    return used / os.sysconf("SC_CLK_TCK")


def add_run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, mark: str | None) -> str:
    tags = {} if mark is None else {WORKER_TAG: mark}
    return create_run_for_test(instance, job_name="refresh", status=status, tags=tags).run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_runs_whose_process_is_gone_are_ended_and_all_others_stay(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    dead, alive = dead_mark(), process_mark()
    lost = add_run(instance, STATUS.STARTED, dead)
    unsigned = add_run(instance, STATUS.STARTING, None)
    stopping = add_run(instance, STATUS.CANCELING, dead)
    at_work = add_run(instance, STATUS.STARTED, alive)
    waiting = add_run(instance, STATUS.NOT_STARTED, None)
    done = add_run(instance, STATUS.SUCCESS, dead)
    assert {run.run_id for run in end_lost_runs(instance, settings)} == {lost, unsigned, stopping}
    expected = {
        lost: STATUS.FAILURE,
        unsigned: STATUS.FAILURE,
        stopping: STATUS.CANCELED,
        at_work: STATUS.STARTED,
        waiting: STATUS.NOT_STARTED,
        done: STATUS.SUCCESS,
    }
    assert {run_id: status(instance, run_id) for run_id in expected} == expected
    assert end_lost_runs(instance, settings) == []
    entries = instance.all_logs(lost)
    assert "The process that worked on this run is gone" in str(entries[-1].message)


def test_runs_stopped_on_purpose_count_as_cancelled(instance: dg.DagsterInstance, settings: Settings) -> None:
    lost, at_work = add_run(instance, STATUS.STARTED, dead_mark()), add_run(instance, STATUS.STARTED, process_mark())
    cancel_lost_runs(instance, settings)
    assert status(instance, lost) == STATUS.CANCELED
    assert status(instance, at_work) == STATUS.STARTED


def test_a_worker_stops_when_the_ui_that_started_it_is_killed() -> None:
    sleeping = "import time; print('up', flush=True); time.sleep(600)"
    ui = subprocess.Popen([sys.executable, "-c", sleeping], stdout=subprocess.PIPE)
    watching = (
        "import dagster as dg\nfrom pipeline.orchestration.instance.lost_runs import stop_with_ui\n"
        "stop_with_ui(dg.DagsterInstance.ephemeral(), 'a run')\n"
    )
    code = watching + sleeping
    with_ui = {**os.environ, UI_VARIABLE: process_mark(ui.pid)}
    worker = subprocess.Popen(
        [sys.executable, "-c", code], env=with_ui, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "up\n"
    assert worker.poll() is None
    ui.kill()
    ui.communicate()
    _, said = worker.communicate()
    assert worker.returncode != 0
    assert "KeyboardInterrupt" in said, "interrupted as by Ctrl-C, so that Dagster ends the run with a message"


def test_a_worker_that_does_not_hear_that_its_run_is_cancelled_is_ended(tmp_path: Path) -> None:
    code = f"""
import os, signal, time
import dagster as dg
from pipeline.orchestration.instance.lost_runs import stop_with_ui
signal.signal(signal.SIGINT, signal.SIG_IGN)
instance = dg.DagsterInstance.local_temp({str(tmp_path)!r})
run = instance.create_run_for_job(dg.job(name="refresh")(lambda: None))
instance.report_run_canceling(run)
stop_with_ui(instance, run.run_id)
time.sleep(600)
"""
    with_ui = {**os.environ, UI_VARIABLE: process_mark()}
    worker = subprocess.run([sys.executable, "-c", code], env=with_ui, check=False)
    assert worker.returncode == -signal.SIGKILL
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.CANCELED


@pytest.mark.parametrize(
    ("awaited", "words", "fault"),
    [
        (".lease", "purpose.*run ........-", ""),
        ("lake", r"[0-9]\.tmp", "lake.file_written:sleep=600"),  # a half-written file lies there
        ("dagster/dbt/compiled", r"\.sql", ""),
    ],
)
def test_a_run_ends_on_sigterm_within_ten_seconds_and_leaves_no_lock_and_no_half_file(
    tmp_path: Path, awaited: str, words: str, fault: str
) -> None:
    folder = tmp_path / "data"
    make_folder(folder)
    tweetbench = Path(sys.executable).with_name("tweetbench")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # As a script's job in the background, with Ctrl-C ignored, which Dagster would take over for SIGTERM.
    run = subprocess.Popen(
        ["sh", "-c", f"trap '' INT; exec '{tweetbench}' run"],
        cwd=tmp_path,
        env=environment(folder, **({PLAN_VARIABLE: fault} if fault else {})),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not re.search(words, found_at(folder / awaited)):
        assert run.poll() is None, run.communicate()[1]
        time.sleep(0.05)
    used = processor_seconds(run.pid)
    run.send_signal(signal.SIGTERM)
    _, said = run.communicate()
    # Ten seconds of a machine that has time for it: what the others on this one take is not the run's.
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - used < 10
    assert run.returncode == 130
    assert said.splitlines()[-1].startswith("stopped; committed data is kept")
    assert "Traceback" not in said
    with hold_lease(Settings(_env_file=None, data_dir=folder), purpose="next", now=NOW):
        pass
    left = [path.name for path in folder.rglob("*") if re.search(r"\.(tmp|part)$|^\.tmp|\.wal$", path.name)]
    assert left == []
    with dg.DagsterInstance.from_config(str(folder / "dagster")) as instance:
        (found,) = instance.get_runs()
        assert found.status in {STATUS.CANCELED, STATUS.FAILURE}
        assert json.dumps(found.tags).count(WORKER_TAG) == 1
