"""What assets are given: the settings, and the lease that keeps a second writer out for the length of a run."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

from pipeline.ingest.run_note import end_note, purpose_of, start_note
from pipeline.lake import Lake
from pipeline.lake.opening import open_lake
from pipeline.lake.reader_lease import hold_in_bucket
from pipeline.orchestration.instance.lost_runs import failure_of, forget_old_runs, sign_run, stop_with_ui
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease, hold_reader_lease
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings

LEASE = "lease"
SETTINGS = "settings"
# What every asset needs: asking for the lease is what holds it.
RESOURCES = {SETTINGS, LEASE}
# Steps of one run follow each other, and a second run waits in the queue rather than fail on the lease.
POOL = "warehouse"


@dg.resource(required_resource_keys={SETTINGS}, description="Keeps a second run out of the same data folder")
def lease_resource(context: dg.InitResourceContext) -> Iterator[None]:
    """Hold the data folder's lease while the run lasts."""
    settings = _of_run(context.resources.settings, context.run)
    if context.run is None or context.instance is None:
        with _alone(settings, "a run without a name"):
            yield None
        return
    run_id = context.run.run_id
    sign_run(context.instance, run_id)
    stop_with_ui(context.instance, run_id)
    with _alone(settings, purpose_of(run_id)):
        settings.make_folders()
        start_note(settings, run_id=run_id, now=utc_now())
        if PARTITION_NAME_TAG not in context.run.tags:  # runs of parts end at once, and would forget the same ones
            forget_old_runs(context.instance, settings.runs_kept)
        yield None
        end_note(settings, now=utc_now(), failure=failure_of(context.instance, run_id))


@contextmanager
def _alone(settings: Settings, purpose: str) -> Iterator[None]:
    """Nobody else makes the warehouse, or, for a reader of a part, reads this part; and nobody buys the same posts."""
    shard = shard_of(settings)
    lease = (
        hold_reader_lease(settings, shard, purpose=purpose, now=utc_now())
        if shard and shard.is_reader
        else hold_lease(settings, purpose=purpose, now=utc_now(), without_readers=shard is None)
    )
    with lease as held, hold_in_bucket(settings, shard, held):
        yield


def settings_of(context: dg.AssetExecutionContext) -> Settings:
    """The settings of the data folder that a run works on."""
    return _of_run(context.resources.settings, context.run)


def _of_run(settings: Settings, run: dg.DagsterRun | None) -> Settings:
    """The settings of one run: where accounts are read in parts, it reads the part of its partition, or none."""
    if not settings.parts:
        return settings
    part = run.tags.get(PARTITION_NAME_TAG) if run else None
    return settings.model_copy(update={"shard": part or f"0/{settings.readers}"})


def lake_of(settings: Settings) -> Lake:
    """The lake of a data folder."""
    settings.make_folders()
    return open_lake(settings)
