"""Runs the whole job in this process, for the command line: its own Dagster home, progress, and errors as messages."""

import logging
import signal
import uuid
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from pipeline import sources
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.automation import JOB
from pipeline.orchestration.code_location import build_definitions, build_reader_definitions
from pipeline.orchestration.instance.history import history_refusal, working_history
from pipeline.orchestration.instance.lost_runs import WORKER_TAG, end_lost_runs
from pipeline.runtime.failures import explain
from pipeline.runtime.interrupts import interrupted_by
from pipeline.runtime.processes import process_mark
from pipeline.runtime.program import note_program
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings


@dataclass(frozen=True)
class Progress:
    """How far a run is: steps done, steps in all, and the one at work."""

    done: int
    total: int
    step: str


def run_job(settings: Settings, *, only: Sequence[str], on_progress: Callable[[Progress], None]) -> str:
    """Run the job once and return the run's id; `only` limits the sources that are read.

    Raises:
        TweetbenchError: a source does not exist, another run holds the lease, the run history cannot be opened, or a
            step failed.
    """
    note_program()
    _check_sources(only)  # before the project is parsed, which takes seconds
    settings = settings.model_copy(update={"readers": None})  # one process; parts are for runs of the daemon
    shard = shard_of(settings)
    if shard and shard.is_reader:  # its history is its own: whoever shares one would take its run for a lost one
        settings = settings.model_copy(update={"dagster_postgres_url": None})
    with working_history(settings) as instance:
        return _run(settings, instance, only, on_progress)


def _run(
    settings: Settings, instance: dg.DagsterInstance, only: Sequence[str], on_progress: Callable[[Progress], None]
) -> str:
    shard = shard_of(settings)
    build = build_reader_definitions if shard and shard.is_reader else build_definitions
    job = build(settings).resolve_job_def(JOB)
    keys = job.asset_layer.executable_asset_keys
    selection = None if not only else [key for key in keys if key.path[0] != "lake" or key.path[1] in set(only)]
    run_id = str(uuid.uuid4())
    # Dagster warns once for each check of a step that had nothing to do.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    with (
        interrupted_by(signal.SIGTERM),
        (settings.dagster_dir / "last_run.log").open("w", encoding="utf-8") as log,
        redirect_stdout(log),
    ):
        instance.add_event_listener(run_id, _listener(len(job.nodes), on_progress))
        end_lost_runs(instance, settings)  # a run that was killed would keep its place in the queue
        words: TweetbenchError | None = None
        try:
            job.execute_in_process(
                instance=instance,
                run_id=run_id,
                asset_selection=selection,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={WORKER_TAG: process_mark()},
            )
        except DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except Exception as error:
            words = history_refusal(error, settings) or _in_words(error, run_id)
        # Raised here: an error that comes from its own chain must not become the cause of itself.
        if words is not None:
            try:
                raise words
            finally:
                del words  # an error that its own frame holds would keep the history's connections open
    return run_id


def _check_sources(only: Sequence[str]) -> None:
    names = [source.NAME for source in sources.ALL_SOURCES]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise TweetbenchError(
            f"there is no source {', '.join(unknown)}",
            next_step=f"use one of: {', '.join(names)}",
            exit_code=Exit.USAGE,
        )


def _listener(total: int, on_progress: Callable[[Progress], None]) -> Callable[[dg.EventLogEntry], None]:
    """Reports steps as they begin and end: execute_in_process says nothing itself."""
    over = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_SKIPPED}
    done: list[str] = []

    def hear(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event and event.event_type in over:
            done.append(str(event.step_key))
        if event and event.event_type in {dg.DagsterEventType.STEP_START, *over}:
            with suppress(OSError):  # a terminal that is gone ends no run
                on_progress(Progress(len(done), total, str(event.step_key)))

    return hear


def _in_words(error: BaseException, run_id: str) -> TweetbenchError:
    """The error that a person can act on, found in the chain of what Dagster raised."""
    known = explain(error)
    if known is not None:
        return known
    unknown = TweetbenchError(
        f"a step failed: {type(error).__name__}",
        where=f"run {run_id}",
        why=str(error)[:500],
        next_step="tweetbench ui   (the failed step has the full log), or repeat with: tweetbench --debug run",
    )
    unknown.__cause__ = error
    return unknown
