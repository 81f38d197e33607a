"""When things run: the daily job and the inbox sensor. Both are shipped stopped; `tweetbench init` says how to start
them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipeline.errors import TweetbenchError
from pipeline.ingest.inbox import ready_files
from pipeline.orchestration.instance.history import open_history
from pipeline.orchestration.resources import SETTINGS
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input

JOB = "refresh"
# After the day's end in every business time zone west of Asia, and away from the full hour that everyone uses.
DAILY_CRON = "17 6 * * *"
MAX_ATTEMPTS = 3
LARGEST_MB = 1_000_000  # a run says which files are too large
DIGEST_TAG = "tweetbench/inbox"
FINISHED = frozenset({dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED})


@dataclass(frozen=True)
class Decision:
    """Run with this key, or skip for this reason."""

    run_key: str | None
    reason: str


def decide_inbox_run(digest: str | None, statuses: Sequence[dg.DagsterRunStatus], *, earlier: int = 0) -> Decision:
    """Whether the inbox needs a run, from its content and the runs that were already made for that content.

    A run moves every file out of the inbox, so what is still there after a run was not read.

    Args:
        digest: names and bytes of what lies in the inbox; None for nothing.
        statuses: of the runs since these files arrived.
        earlier: runs for the same content before that: it was read then, and has been dropped again.
    """
    if digest is None:
        return Decision(None, "the inbox is empty, or its files are still being copied")
    if any(status not in FINISHED for status in statuses):
        return Decision(None, "a run for these files is on its way")
    if len(statuses) >= MAX_ATTEMPTS:
        failed = all(status is not dg.DagsterRunStatus.SUCCESS for status in statuses)
        ended = "failed" if failed else "have ended and left them in the inbox"
        return Decision(None, f"{MAX_ATTEMPTS} runs for these files {ended}: look at the last one, then run by hand")
    return Decision(f"{digest}-{earlier + len(statuses) + 1}", "")


def inbox_digest(settings: Settings) -> str | None:
    """One hash over the ready files' names and bytes; None if there are none."""
    files = [(path.name, _content_mark(path)) for path in ready_files(settings)]
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16] if files else None


def last_arrival(settings: Settings) -> datetime:
    """When the newest of the ready files came into the inbox: copying and moving a file both change this time of it."""
    times = [path.lstat().st_ctime for path in ready_files(settings)]
    return datetime.fromtimestamp(max(times, default=0.0), UTC)


def _content_mark(path: Path) -> str:
    """A file's hash; for what is no file, or may not be read, nothing: a run says what is wrong with it."""
    try:
        return open_input(path, LARGEST_MB).sha256
    except TweetbenchError:
        return ""


def automation_states(settings: Settings) -> dict[str, bool]:
    """Which of the schedule and the sensor a person has switched on; both are off where the UI was never opened."""
    states = {"daily_refresh": False, "inbox_files": False}
    with open_history(settings) as instance:
        for state in instance.all_instigator_state() if instance else ():
            states[state.instigator_name] = state.is_running
    return states


refresh_job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The whole flow: read the inbox, load, build the marts, publish",
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule=DAILY_CRON,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    required_resource_keys={SETTINGS},
    description="Once a UTC day, at 06:17 UTC. Follower counts cannot be read for a past day, so leave it on once it "
    "is started. Skips, and says so, where there is nothing that it could read.",
)
def daily_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the run of the day on which this tick falls."""
    settings: Settings = context.resources.settings
    has_input = settings.accounts_file.exists() or bool(ready_files(settings))
    return answer(decide_daily_run(context.scheduled_execution_time, has_input=has_input), {})


def decide_daily_run(tick: datetime, *, has_input: bool) -> Decision:
    """The run of a tick's UTC day: one key a day, so that a changed hour or a second scheduler adds no second run."""
    if not has_input:
        return Decision(None, "nothing to read: accounts.csv is missing and the inbox is empty (see: tweetbench init)")
    return Decision(f"daily-{tick.astimezone(UTC):%Y-%m-%d}", "")


def answer(decision: Decision, tags: Mapping[str, str]) -> dg.RunRequest | dg.SkipReason:
    """A decision as Dagster asks for it."""
    if decision.run_key is None:
        return dg.SkipReason(decision.reason)
    return dg.RunRequest(run_key=decision.run_key, tags=dict(tags))


@dg.sensor(
    name="inbox_files",
    job_name=JOB,  # by its name: where accounts are read in parts, the job of this name reads files alone
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
    required_resource_keys={SETTINGS},
    description="Starts a run when files lie in the inbox that are no longer being copied",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the inbox holds something new."""
    settings: Settings = context.resources.settings
    arrived, digest = last_arrival(settings), inbox_digest(settings)
    known = context.instance.get_run_records(dg.RunsFilter(tags={DIGEST_TAG: digest})) if digest else []
    since = [record.dagster_run.status for record in known if record.create_timestamp >= arrived]
    decision = decide_inbox_run(digest, since, earlier=len(known) - len(since))
    return answer(decision, {DIGEST_TAG: str(digest)})
