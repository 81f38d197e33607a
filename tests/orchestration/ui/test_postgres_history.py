"""Dagster's history in PostgreSQL: the same events, a daemon apart from the UI, runs one after another."""

import re
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from pipeline.comply.copies import Traces, erase_copies
from pipeline.orchestration.instance.history import open_history, working_history
from pipeline.orchestration.instance.home import OVERRIDES
from pipeline.orchestration.instance.lost_runs import WORKER_TAG, end_lost_runs, forget_old_runs
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.orchestration.ui import stand
from tests.orchestration.ui.databases import Database
from tests.orchestration.ui.databases import database as database
from tests.postgres import postgres as postgres

UNAVAILABLE, CONFIGURATION = 69, 78
LEFT = """
select (select count(*) from event_logs), (select count(*) from asset_check_executions),
       (select count(*) from asset_event_tags), (select count(*) from runs)
"""


@pytest.fixture
def settings(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DAGSTER_HOME", "TWEETBENCH_DATA_DIR", "TWEETBENCH_DAGSTER_POSTGRES_URL", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # what is set by the code is taken back after the test
    return Settings(_env_file=None, data_dir=tmp_path / "data", dagster_postgres_url=database.url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with work for a run."""
    made = tmp_path / "data"
    stand.make_folder(made)
    return made


@dg.asset(check_specs=[dg.AssetCheckSpec("is_counted", asset="posts")])
def posts() -> dg.MaterializeResult:  # type: ignore[type-arg]
    return dg.MaterializeResult(metadata={"rows": 7}, check_results=[dg.AssetCheckResult(passed=True)])


def test_events_of_a_run_are_kept_and_a_run_that_is_forgotten_leaves_no_row(
    settings: Settings, database: Database
) -> None:
    with working_history(settings) as instance:
        runs = [dg.materialize([posts], instance=instance).run_id for _ in range(2)]
    with open_history(settings) as again:
        assert again is not None
        assert [len(again.all_logs(run)) for run in runs] == [len(again.all_logs(runs[0]))] * 2
        (latest,) = again.event_log_storage.get_latest_materialization_events([posts.key]).values()
        assert latest is not None
        assert latest.run_id == runs[1]
        before = database.rows(LEFT)[0]
        assert before[1:] == (2, before[2], 2)
        assert forget_old_runs(again, 1) == 1
        assert database.rows(LEFT)[0] == tuple(count / 2 for count in before)
    written = [path for path in settings.data_dir.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"dagster.yaml"}
    assert [path for path in written if database.url.encode() in path.read_bytes() or path.suffix == ".db"] == []


def test_a_run_of_a_process_elsewhere_is_ended_only_if_nobody_holds_the_lease_for_it(settings: Settings) -> None:
    elsewhere = "00000000-0000-0000-0000-000000000000 7 1"
    with working_history(settings) as instance:
        at_work, lost, unsigned = _started_runs(instance, [{WORKER_TAG: elsewhere}, {WORKER_TAG: elsewhere}, {}])
        with hold_lease(settings, purpose=f"run {at_work}", now=NOW):
            assert [run.run_id for run in end_lost_runs(instance, settings)] == [lost]
        assert [run.run_id for run in end_lost_runs(instance, settings)] == [at_work]
        found = instance.get_run_by_id(unsigned)
        assert found is not None
        assert found.status is dg.DagsterRunStatus.STARTED, "Dagster's own monitoring ends what nobody has signed"


def _started_runs(instance: dg.DagsterInstance, tags: list[dict[str, str]]) -> list[str]:
    started = dg.DagsterRunStatus.STARTED
    return [create_run_for_test(instance, job_name="refresh", status=started, tags=each).run_id for each in tags]


def test_what_is_missing_or_wrong_is_said_before_anything_is_read(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    assert tweetbench("init").code == 0
    given = {"TWEETBENCH_DAGSTER_POSTGRES_URL": "postgresql://owner:a-long-password@127.0.0.1:1/nothing"}
    for command in ("run", "daemon"):
        said = tweetbench(command, **given)
        assert said.code == UNAVAILABLE, said
        assert "PostgreSQL, which keeps the run history, does not answer" in said.err
        assert not re.search("Traceback|a-long-password", said.err)
    for command in (["daemon"], ["ui", "--no-daemon"]):
        said = tweetbench(*command)
        assert (said.code, "the history of this data folder is in SQLite files" in said.err) == (CONFIGURATION, True)
    own = tweetbench.data_dir / OVERRIDES
    for text in ("run_launcher: {module: nowhere, class: Nothing}", "[1, 2]", "a: {", "no_such_key: 1"):
        own.write_text(text)
        said = tweetbench("run")
        assert said.code == CONFIGURATION, (text, said)
        assert OVERRIDES in said.err
    own.write_text("# nothing yet\n")
    assert tweetbench("status").code == 0


def test_what_is_erased_is_erased_from_the_history_too(settings: Settings, database: Database) -> None:
    words = 'a post that "was" deleted – on the platform'

    @dg.asset
    def said() -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata={"said": words, "rows": 7})

    with working_history(settings) as instance:
        dg.materialize([said], instance=instance, tags={"why": words[:40]})
    assert database.rows("select count(*) from event_logs where event like '%was%deleted%'")[0][0] > 0
    done = erase_copies(settings, Traces(frozenset(), frozenset({words, words[:40]})), delete_files=False)
    assert [line for line in done.changed if "event_logs" in line]
    assert [line for line in done.left if "logs and backups" in line]
    for table, column in database.rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    ):
        held = f"""select 1 from {table} where "{column}"::text like '%was%deleted%'"""  # noqa: S608
        assert database.rows(held) == []
    with working_history(settings) as instance:
        (event,) = instance.event_log_storage.get_latest_materialization_events([said.key]).values()
        assert event is not None
        assert event.asset_materialization is not None
        assert {key: value.value for key, value in event.asset_materialization.metadata.items()} == {
            "said": "[erased]",
            "rows": 7,
        }


def test_two_runs_that_are_asked_for_at_once_are_worked_off_by_the_daemon_one_after_the_other(
    database: Database, folder: Path
) -> None:
    history = {"TWEETBENCH_DAGSTER_POSTGRES_URL": database.url}
    with stand.opened(folder, "--no-daemon", **history) as ui:
        first, second = ui.launch(), ui.launch()
        daemon = stand.start_command(folder, "daemon", **history)
        try:
            assert [ui.wait_for_run(run, seconds=400) for run in (first, second)] == ["SUCCESS", "SUCCESS"]
        finally:
            daemon.terminate()
            assert daemon.stdout
            said = daemon.communicate(timeout=60)[0]
    assert said.splitlines()[-1] == "closed", said
    times = {
        run: (begun, ended) for run, begun, ended in database.rows("select run_id, start_time, end_time from runs")
    }
    assert set(times) == {first, second}
    assert sorted(times.values())[0][1] <= sorted(times.values())[1][0], "the second began before the first had ended"
    published = Tweetbench(folder).rows("select run_id, version from published")
    # The one that began first found the files; the other found nothing new, and kept its version.
    assert published == [{"run_id": min(times, key=lambda run: times[run]), "version": 1}]
    assert list((folder / "dagster").rglob("*.db")) == []


def test_a_run_in_whose_middle_the_daemon_is_stopped_by_its_service_is_repeated_by_the_next_daemon(
    database: Database, folder: Path
) -> None:
    """As when its container is replaced. Ctrl-C is a person's, who closes it: such a run ends as cancelled."""
    history = {"TWEETBENCH_DAGSTER_POSTGRES_URL": database.url}
    with stand.opened(folder, "--no-daemon", **history) as ui:
        stopped = ui.launch()
        daemon = stand.start_command(folder, "daemon", **history)
        try:
            ui.wait_for_work(stopped)
            daemon.terminate()
            assert daemon.stdout
            assert daemon.communicate(timeout=60)[0].splitlines()[-1] == "closed"
            daemon = stand.start_command(folder, "daemon", **history)
            tags = {tag["key"]: tag["value"] for tag in ui.wait_for_tag(stopped, "dagster/auto_retry_run_id")}
            repeated = tags["dagster/auto_retry_run_id"]
            assert ui.wait_for_run(repeated, seconds=400) == "SUCCESS"
            assert {run["runId"]: run["status"] for run in ui.runs()} == {stopped: "FAILURE", repeated: "SUCCESS"}
        finally:
            daemon.terminate()
            daemon.communicate(timeout=60)
    assert Tweetbench(folder).rows("select run_id, version from published") == [{"run_id": repeated, "version": 1}]
