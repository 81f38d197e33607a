"""Runs the whole job in this process, for the command line: its own Dagster home, progress, and errors as messages."""

import logging
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from pipeline import sources
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.automation import JOB
from pipeline.orchestration.code_location import build_definitions
from pipeline.orchestration.instance.history import history_refusal, working_history
from pipeline.orchestration.instance.lost_runs import WORKER_TAG, end_lost_runs
from pipeline.runtime.failures import explain
from pipeline.runtime.interrupts import interrupted_by
from pipeline.runtime.processes import process_mark
from pipeline.settings import Settings

POLL_SECONDS = 0.3


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
    _check_sources(only)  # before the project is parsed, which takes seconds
    with working_history(settings) as instance:
        return _run(settings, instance, only, on_progress)


def _run(
    settings: Settings, instance: dg.DagsterInstance, only: Sequence[str], on_progress: Callable[[Progress], None]
) -> str:
    job = build_definitions(settings).resolve_job_def(JOB)
    keys = job.asset_layer.executable_asset_keys
    selection = None if not only else [key for key in keys if key.path[0] != "lake" or key.path[1] in set(only)]
    run_id = str(uuid.uuid4())
    # Dagster warns once for each check of a step that had nothing to do.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    with (
        interrupted_by(signal.SIGTERM),
        _watching(instance, run_id, len(job.nodes), on_progress),
        (settings.dagster_dir / "last_run.log").open("w", encoding="utf-8") as log,
        redirect_stdout(log),
    ):
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


@contextmanager
def _watching(
    instance: dg.DagsterInstance, run_id: str, total: int, on_progress: Callable[[Progress], None]
) -> Iterator[None]:
    """Report steps from the run's event log while the block runs: execute_in_process says nothing itself."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            on_progress(_progress(instance, run_id, total))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _progress(instance: dg.DagsterInstance, run_id: str, total: int) -> Progress:
    over = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_SKIPPED}
    entries = instance.all_logs(run_id, of_type={dg.DagsterEventType.STEP_START, *over})
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    started = [str(event.step_key) for event in events if event.event_type == dg.DagsterEventType.STEP_START]
    return Progress(sum(event.event_type in over for event in events), total, started[-1] if started else "")


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
