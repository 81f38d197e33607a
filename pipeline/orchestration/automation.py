"""When things run: the daily job and the inbox sensor. Both are shipped stopped; `tweetbench init` says how to start
them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from pipeline.durable import file_sha256
from pipeline.inbox import ready_files
from pipeline.orchestration.resources import SETTINGS
from pipeline.settings import Settings

JOB = "refresh"
# After the day's end in every business time zone west of Asia, and away from the full hour that everyone uses.
DAILY_CRON = "17 6 * * *"
MAX_ATTEMPTS = 3
DIGEST_TAG = "tweetbench/inbox"
FINISHED = frozenset({dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED})


@dataclass(frozen=True)
class InboxDecision:
    """Run with this key, or skip for this reason."""

    run_key: str | None
    reason: str


def decide_inbox_run(digest: str | None, statuses: Sequence[dg.DagsterRunStatus]) -> InboxDecision:
    """Whether the inbox needs a run, from its content and the runs that were already made for that content.

    A run moves every file out of the inbox, so content that is still there after a run means that the run failed.
    """
    if digest is None:
        return InboxDecision(None, "the inbox is empty, or its files are still being copied")
    if any(status not in FINISHED for status in statuses):
        return InboxDecision(None, "a run for these files is on its way")
    if len(statuses) >= MAX_ATTEMPTS:
        return InboxDecision(
            None, f"{MAX_ATTEMPTS} runs for these files failed: look at the last one, then run by hand"
        )
    return InboxDecision(f"{digest}-{len(statuses) + 1}", "")


def inbox_digest(settings: Settings) -> str | None:
    """One hash over the ready files' names and bytes; None if there are none."""
    files = [(path.name, "" if path.is_symlink() else file_sha256(path)) for path in ready_files(settings)]
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16] if files else None


def automation_states(settings: Settings) -> dict[str, bool]:
    """Which of the schedule and the sensor a person has switched on; both are off where the UI was never opened."""
    states = {"daily_refresh": False, "inbox_files": False}
    if (settings.dagster_dir / "dagster.yaml").exists():
        with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as instance:
            for state in instance.all_instigator_state():
                states[state.instigator_name] = state.is_running
    return states


refresh_job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The whole flow: read the inbox, load, build the marts, publish",
    executor_def=dg.in_process_executor,
)

daily_schedule = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule=DAILY_CRON,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Once a day. Follower counts cannot be read for a past day, so leave it on once it is started.",
)


@dg.sensor(
    name="inbox_files",
    job=refresh_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
    required_resource_keys={SETTINGS},
    description="Starts a run when files lie in the inbox that are no longer being copied",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the inbox holds something new."""
    digest = inbox_digest(context.resources.settings)
    known = context.instance.get_runs(dg.RunsFilter(tags={DIGEST_TAG: digest})) if digest else []
    decision = decide_inbox_run(digest, [run.status for run in known])
    if decision.run_key is None:
        return dg.SkipReason(decision.reason)
    return dg.RunRequest(run_key=decision.run_key, tags={DIGEST_TAG: str(digest)})
