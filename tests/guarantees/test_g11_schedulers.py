"""G11, G14: two schedulers ask for one run a day; after a downtime one run is asked for, and the days are gaps."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget, MockedRunLauncher, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._scheduler.scheduler import launch_scheduled_runs

from pipeline.lake import Lake
from pipeline.sources.x_api.gaps import find_gaps
from tests.guarantees.stand import make_settings
from tests.guarantees.test_g14_gaps import REGISTRY, capture

STARTED = datetime(2026, 10, 1, 7, 0, tzinfo=UTC)
HOME = {"run_launcher": {"module": MockedRunLauncher.__module__, "class": "MockedRunLauncher"}}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    settings = make_settings(tmp_path / "data")
    settings.accounts_file.write_text("platform,handle\nx,firm1\n")
    monkeypatch.setenv("TWEETBENCH_DATA_DIR", str(settings.data_dir))
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=HOME) as made:
        yield made


def open_scheduler(instance: dg.DagsterInstance) -> WorkspaceProcessContext:
    """What one daemon holds: the shipped schedule, loaded by itself."""
    origin = LoadableTargetOrigin(python_file=str(Path(__file__).with_name("scheduled_location.py")))
    target = InProcessTestWorkspaceLoadTarget(InProcessCodeLocationOrigin(origin))
    return WorkspaceProcessContext(instance, target)


def switch_on(scheduler: WorkspaceProcessContext, instance: dg.DagsterInstance) -> None:
    (location,) = scheduler.create_request_context().code_locations
    (repository,) = location.get_repositories().values()
    with freeze_time(STARTED):
        instance.start_schedule(repository.get_schedule("daily_refresh"))


def look(scheduler: WorkspaceProcessContext, at: datetime) -> None:
    """One look of a daemon at the clock, which evaluates and launches whatever is due."""
    list(launch_scheduled_runs(scheduler, logging.getLogger("test"), at, {}))


def keys(instance: dg.DagsterInstance) -> list[str]:
    return sorted(run.tags["dagster/run_key"] for run in instance.get_runs())


def test_g11_two_schedulers_at_once_ask_for_one_run_a_day(instance: dg.DagsterInstance) -> None:
    with open_scheduler(instance) as one, open_scheduler(instance) as other:
        switch_on(one, instance)
        days = [STARTED + timedelta(days=number) for number in range(1, 4)]
        for day in days:
            look(one, day)
            look(other, day)
            look(other, day + timedelta(hours=9))
        (state,) = instance.all_instigator_state()
        ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id)
    # If both look in the very same instant, Dagster may ask twice; then the lease keeps the second run out.
    assert keys(instance) == [f"daily-{day:%Y-%m-%d}" for day in days]
    assert [tick.timestamp for tick in ticks] == [day.replace(hour=6, minute=17).timestamp() for day in reversed(days)]


def test_g14_after_forty_days_of_downtime_one_run_is_asked_for_and_the_days_are_gaps(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path / "data")
    with open_scheduler(instance) as scheduler:
        switch_on(scheduler, instance)
        look(scheduler, STARTED + timedelta(days=1))
        capture(settings, STARTED + timedelta(days=1))
        back = STARTED + timedelta(days=41)
        look(scheduler, back)
        look(scheduler, back + timedelta(minutes=1))
    assert keys(instance) == ["daily-2026-10-02", "daily-2026-11-11"], (
        "a run reads what there is today, so one is enough"
    )
    capture(settings, back)
    gaps = find_gaps(Lake(settings.lake_dir), REGISTRY, now=back, backfill_days=30)
    (days,) = [gap for gap in gaps if gap.kind == "snapshots"]
    assert (days.first_day.isoformat(), days.last_day.isoformat(), days.day_count) == ("2026-10-03", "2026-11-10", 39)
    assert not days.is_recoverable, "nobody can read the follower count of a past day"
