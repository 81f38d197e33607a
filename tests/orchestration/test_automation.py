"""When runs are asked for: the schedule through both switches of summer time, the sensor, and their reasons to skip."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from pipeline.orchestration.automation import (
    daily_schedule,
    decide_daily_run,
    decide_inbox_run,
    inbox_digest,
    inbox_sensor,
)
from pipeline.settings import Settings

FAILED = dg.DagsterRunStatus.FAILURE
# Summer time by an hour north and south, by half an hour, none with an odd offset, and none near the date line.
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path, settle_seconds=0)
    made.make_folders()
    return made


@pytest.fixture(params=ZONES)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield ZoneInfo(request.param)
    time.tzset()


def ticks() -> list[datetime]:
    """Every tick of two years, as Dagster's scheduler finds them."""
    walker = schedule_execution_time_iterator(
        FIRST.timestamp(), daily_schedule.cron_schedule, daily_schedule.execution_timezone
    )
    return list(itertools.takewhile(lambda tick: tick < LAST, walker))


def test_the_schedule_fires_once_on_every_day_of_two_years_also_when_clocks_change(machine_zone: ZoneInfo) -> None:
    found = ticks()
    days = [(FIRST + timedelta(days=number)).date() for number in range((LAST - FIRST).days)]
    assert [tick.astimezone(UTC).date() for tick in found] == days
    keys = [decide_daily_run(tick.astimezone(machine_zone), has_input=True).run_key for tick in found]
    assert keys == [f"daily-{day}" for day in days], "a run belongs to a UTC day, whatever the machine's zone"
    local = Counter(tick.astimezone(machine_zone).date() for tick in found)
    assert set(local.values()) == {1}, "nor is a local day of 23 or 25 hours left out or visited twice"
    lengths = {
        datetime.combine(day + timedelta(days=1), datetime.min.time(), machine_zone).astimezone(UTC)
        - datetime.combine(day, datetime.min.time(), machine_zone).astimezone(UTC)
        for day in days
    }
    changes = machine_zone.key in {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}
    assert len(lengths) == (3 if changes else 1)


def test_a_day_has_one_key_however_the_hour_is_changed() -> None:
    early, late = datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 23, 59, tzinfo=UTC)
    assert decide_daily_run(early, has_input=True) == decide_daily_run(late, has_input=True)


def test_the_schedule_says_why_it_skips(settings: Settings) -> None:
    tick = datetime(2026, 11, 22, 6, 17, tzinfo=UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=tick, resources={"settings": settings}
        )
        skipped = daily_schedule.evaluate_tick(context)
        assert not skipped.run_requests
        assert skipped.skip_message.startswith("nothing to read: accounts.csv is missing and the inbox is empty")
        (settings.inbox_dir / "a.csv").write_text("one")
        assert [run.run_key for run in daily_schedule.evaluate_tick(context).run_requests] == ["daily-2026-11-22"]


def test_schedule_and_sensor_are_shipped_stopped_and_explain_themselves() -> None:
    assert daily_schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert daily_schedule.execution_timezone == "UTC"
    assert inbox_sensor.default_status == dg.DefaultSensorStatus.STOPPED
    assert "UTC day" in str(daily_schedule.description)
    assert "no longer being copied" in str(inbox_sensor.description)


def test_the_inbox_decides_by_content_and_attempts() -> None:
    assert decide_inbox_run(None, []).reason == "the inbox is empty, or its files are still being copied"
    assert decide_inbox_run("abc", []).run_key == "abc-1"
    assert decide_inbox_run("abc", [FAILED]).run_key == "abc-2"
    assert decide_inbox_run("abc", [dg.DagsterRunStatus.STARTED]).reason == "a run for these files is on its way"
    assert "3 runs for these files failed" in decide_inbox_run("abc", [FAILED] * 3).reason
    # Runs before the files arrived have read them: only what happened since counts.
    assert decide_inbox_run("abc", [], earlier=3).run_key == "abc-4"
    stuck = decide_inbox_run("abc", [dg.DagsterRunStatus.SUCCESS] * 3)
    assert "left them in the inbox" in stuck.reason
    assert "failed" not in stuck.reason


def test_a_file_that_is_dropped_again_after_three_good_runs_is_read_and_no_run_is_said_to_have_failed(
    settings: Settings,
) -> None:
    path = settings.inbox_dir / "a.csv"
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"settings": settings})
        for number in range(1, 6):
            path.write_text("the same bytes")
            time.sleep(0.02)  # the system stamps files by its tick, a run by the clock
            (asked,) = inbox_sensor.evaluate_tick(context).run_requests
            assert asked.run_key == f"{inbox_digest(settings)}-{number}"
            run = dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.SUCCESS, tags=asked.tags)
            instance.add_run(run)
            path.unlink()
            time.sleep(0.02)


def test_the_inbox_digest_follows_names_and_bytes(settings: Settings) -> None:
    assert inbox_digest(settings) is None
    path = settings.inbox_dir / "a.csv"
    path.write_text("one")
    first = inbox_digest(settings)
    path.write_text("two")
    assert inbox_digest(settings) != first
    path.write_text("one")
    assert inbox_digest(settings) == first


def test_the_sensor_skips_with_a_reason_and_asks_for_a_run_when_a_file_is_there(settings: Settings) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"settings": settings})
        skipped = inbox_sensor.evaluate_tick(context)
        assert skipped.run_requests == []
        assert skipped.skip_message == "the inbox is empty, or its files are still being copied"
        (settings.inbox_dir / "a.csv").write_text("one")
        (asked,) = inbox_sensor.evaluate_tick(context).run_requests
        assert asked.run_key == f"{inbox_digest(settings)}-1"
