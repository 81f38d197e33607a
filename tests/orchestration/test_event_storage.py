"""The event log: what it stores is what Dagster's own storage reads, its open files are few, its size is bounded."""

import os
import signal
import sqlite3
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipeline.orchestration.instance.event_storage import ENGINES_KEPT, KeptEventLogStorage
from pipeline.orchestration.instance.home import prepare_dagster_home
from pipeline.orchestration.instance.lost_runs import WORKER_TAG, end_lost_runs, forget_old_runs
from pipeline.runtime.processes import process_mark
from pipeline.settings import Settings


@dg.asset
def followers() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 7})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DAGSTER_HOME", "TWEETBENCH_DATA_DIR", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # what is set below is taken back after the test
    return prepare_dagster_home(Settings(_env_file=None, data_dir=tmp_path / "data"))


def test_the_settings_of_the_project_use_it_and_dagsters_own_storage_reads_the_same_events(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert type(instance.event_log_storage) is KeptEventLogStorage
        runs = [dg.materialize([followers], instance=instance).run_id for _ in range(3)]
        kept = [[entry.event_log_entry for entry in instance.get_records_for_run(run).records] for run in runs]
    plain = SqliteEventLogStorage(str(home / "history" / "runs"))
    assert [[one.event_log_entry for one in plain.get_records_for_run(run).records] for run in runs] == kept
    assert min(len(events) for events in kept) > 10
    (latest,) = plain.get_latest_materialization_events([followers.key]).values()
    assert latest is not None
    assert latest.run_id == runs[-1]
    assert latest.asset_materialization is not None
    assert latest.asset_materialization.metadata["rows"].value == 7


def test_open_files_are_few_however_many_runs_are_looked_at_and_none_stays_open(home: Path) -> None:
    folder = home / "history" / "runs"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = [dg.materialize([followers], instance=instance).run_id for _ in range(ENGINES_KEPT + 2)]
        for run in runs:
            assert instance.get_records_for_run(run).records
        opened = {path.name for path in folder.glob("*.db-wal")}
        assert 0 < len(opened) <= ENGINES_KEPT
    # A log that stayed behind would be a file that nobody folds in or erases.
    assert not list(folder.glob("*.db-wal"))


class UsedWhileItIsClosed:
    """An engine in whose closing a daemon's thread looks something up, as when a UI is closed."""

    def __init__(self, storage: KeptEventLogStorage) -> None:
        self.storage = storage

    def dispose(self) -> None:
        assert self.storage.get_asset_records() == []


def test_it_is_closed_whole_while_daemons_still_use_it(home: Path) -> None:
    storage = KeptEventLogStorage(str(home / "history" / "runs"))
    assert storage.get_asset_records() == []
    storage._engines["a run"] = UsedWhileItIsClosed(storage)
    storage.dispose()
    assert not list((home / "history" / "runs").glob("*.db-wal"))


@dg.asset(check_specs=[dg.AssetCheckSpec("is_counted", asset="posts")])
# Dagster 1.13 does not take the parametrised result for an asset with checks.
def posts() -> dg.MaterializeResult:  # type: ignore[type-arg]
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


def _lines_of(index: Path, run_id: str) -> int:
    with sqlite3.connect(index) as connection:
        tables = ("event_logs", "asset_check_executions")
        counts = [connection.execute(f"select count(*) from {t} where run_id = ?", [run_id]) for t in tables]  # noqa: S608
        return sum(count.fetchone()[0] for count in counts)


def test_only_the_last_runs_keep_their_log_and_a_run_at_work_keeps_its_own(home: Path) -> None:
    folder = home / "history" / "runs"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        job = dg.Definitions([posts]).resolve_implicit_global_asset_job_def()
        at_work = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        killed = instance.create_run_for_job(job)
        instance.report_run_failed(killed, "its process is gone")
        runs = [dg.materialize([posts], instance=instance).run_id for _ in range(4)]
        assert _lines_of(folder / "index.db", runs[0]) > 1
        assert forget_old_runs(instance, 2) == 3
        assert {run.run_id for run in instance.get_runs()} == {at_work.run_id, *runs[2:]}
        latest = instance.get_latest_materialization_event(posts.key)
        assert latest is not None
        assert latest.run_id == runs[-1]
        assert forget_old_runs(instance, 2) == 0
    assert sorted(path.name for path in (home / "storage").iterdir()) == sorted(runs[2:])
    for run_id in (killed.run_id, *runs[:2]):
        assert _lines_of(folder / "index.db", run_id) == 0
        assert not list(folder.glob(f"{run_id}*"))
    assert _lines_of(folder / "index.db", runs[-1]) > 1


@dg.asset
def dying() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_thirty_runs_a_third_of_them_killed_take_no_more_room_than_ten(home: Path) -> None:
    settings, sizes = Settings(_env_file=None, data_dir=home.parent), []
    for number in range(30):
        if number % 3 == 2 and (child := os.fork()) == 0:
            with dg.DagsterInstance.from_config(str(home)) as instance:
                dg.materialize([dying], instance=instance, tags={WORKER_TAG: process_mark()})
            os._exit(1)
        if number % 3 == 2:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        with dg.DagsterInstance.from_config(str(home)) as instance:
            assert len(end_lost_runs(instance, settings)) == (number % 3 == 2)
            forget_old_runs(instance, 3)
            dg.materialize([posts], instance=instance)
            assert len(instance.get_runs()) <= 4
        sizes.append(sum(path.stat().st_size for path in home.rglob("*") if path.is_file()))
    assert max(sizes[20:]) <= 1.05 * max(sizes[:10]), sizes
    assert not list(home.rglob("*-wal"))
