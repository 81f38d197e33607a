"""Parts of the accounts that runs of one Dagster read side by side, and the run that publishes what they have read.

With TWEETBENCH_READERS=4 the platforms' assets have the partitions 1/4 to 4/4: each is a run of its own, and Dagster's
queue decides how many work at once. The other assets stay as they are: one run loads, builds and publishes.
"""

from collections.abc import Sequence
from typing import NamedTuple

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import PARTITION_NAME_TAG

from pipeline.orchestration.automation import (
    DAILY_CRON,
    FINISHED,
    JOB,
    Decision,
    answer,
    daily_schedule,
    decide_daily_run,
    inbox_sensor,
    refresh_job,
)
from pipeline.orchestration.resources import SETTINGS
from pipeline.settings import Settings

READING_JOB = "read_accounts"
OPEN = [status for status in dg.DagsterRunStatus if status not in FINISHED]


class Automation(NamedTuple):
    """What Dagster can start, and what starts it."""

    jobs: list[UnresolvedAssetJobDefinition]
    schedules: list[dg.ScheduleDefinition]
    sensors: list[dg.SensorDefinition]


ONE_RUN = Automation([refresh_job], [daily_schedule], [inbox_sensor])


def partitions_of(settings: Settings) -> dg.StaticPartitionsDefinition | None:
    """The parts as Dagster's partitions; None where one run reads all accounts."""
    return dg.StaticPartitionsDefinition(list(settings.parts)) if settings.parts else None


def automation_of_parts(
    platforms: Sequence[dg.AssetsDefinition], partitions: dg.StaticPartitionsDefinition
) -> Automation:
    """Jobs, schedule and sensor for platforms that are read in parts."""
    reading = dg.AssetSelection.assets(*(key for each in platforms for key in each.keys))
    reading_job = dg.define_asset_job(
        READING_JOB,
        selection=reading,
        description="Ask the platforms for one part of the accounts",
        executor_def=dg.in_process_executor,
    )
    publishing_job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - reading,
        description="Read the inbox, load what all parts have read, build the marts, publish",
        executor_def=dg.in_process_executor,
    )

    @dg.schedule(
        name="daily_refresh",
        job=reading_job,
        cron_schedule=DAILY_CRON,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        required_resource_keys={SETTINGS},
        description="Once a UTC day, at 06:17 UTC: one run for each part of the accounts. Follower counts cannot be "
        "read for a past day, so leave it on once it is started. Skips, and says so, where there are no accounts.",
    )
    def daily_reading(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        """Ask for the day's run of each part."""
        settings: Settings = context.resources.settings
        decision = decide_daily_run(context.scheduled_execution_time, has_input=settings.accounts_file.exists())
        if decision.run_key is None:
            return dg.SkipReason(decision.reason)
        return [
            dg.RunRequest(f"{decision.run_key}-{part}", partition_key=part) for part in partitions.get_partition_keys()
        ]

    @dg.sensor(
        name="accounts_read",
        job=publishing_job,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts the run that loads and publishes once no part of the accounts is being read any more",
    )
    def accounts_read(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Ask for one run after the parts that were read together."""
        return answer(decide_publishing_run(context.instance, partitions.get_partition_keys()), {})

    return Automation([reading_job, publishing_job], [daily_reading], [accounts_read, inbox_sensor])


def decide_publishing_run(instance: dg.DagsterInstance, parts: Sequence[str]) -> Decision:
    """The run that follows the newest reading, one for all parts; none while one is at work or in the queue.

    A part that failed holds nobody up: what it has read is in the lake, and its own run says what is missing.
    """
    of_parts = {PARTITION_NAME_TAG: list(parts)}
    if instance.get_run_records(dg.RunsFilter(tags=of_parts, statuses=OPEN), limit=1):
        return Decision(None, "parts of the accounts are being read, or wait in the queue")
    newest = instance.get_run_records(dg.RunsFilter(tags=of_parts), limit=1)
    if not newest:
        return Decision(None, "no part of the accounts has been read yet")
    # A key that a run has already makes no other: one run for each reading.
    return Decision(f"read-{newest[0].dagster_run.run_id}", "")
