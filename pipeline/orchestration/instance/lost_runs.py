"""Runs and the processes that make them: who works on a run, runs whose process is gone, and workers whose UI is gone.

Dagster's default launcher has no health check: after a crash of the machine a run stays STARTED for ever and keeps its
place in the queue, and a worker keeps writing after the UI that started it was killed.
"""

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import dagster as dg

from pipeline.errors import TweetbenchError
from pipeline.ingest.run_note import purpose_of
from pipeline.orchestration.instance.home import is_shared
from pipeline.runtime.lease import purposes_at_work
from pipeline.runtime.processes import descendants, is_running, marked_pid, process_mark
from pipeline.settings import Settings

WORKER_TAG = "tweetbench/worker"
UI_VARIABLE = "TWEETBENCH_UI_PROCESS"
AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
STOPPED_BY = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}
WATCH_SECONDS = 1.0
# How long a worker has to stop by itself: below the ten seconds in which everything must have ended.
GRACE_SECONDS = 5.0
# How long a run may be about to be cancelled before it is asked again; with the grace it stays below ten seconds.
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class LostRun:
    """A run that was still open although nobody worked on it any more."""

    run_id: str
    status: str


def end_lost_runs(instance: dg.DagsterInstance, settings: Settings) -> list[LostRun]:
    """Mark open runs whose process is gone as failed, which frees their place in the queue; returns them."""
    lost = []
    for run in _lost(instance, settings):
        message = "The process that worked on this run is gone (the machine or the program was stopped)."
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, message)
        else:
            instance.report_run_failed(run, message)
        lost.append(LostRun(run.run_id, run.status.value))
    return lost


def forget_old_runs(instance: dg.DagsterInstance, kept: int) -> int:
    """Delete all ended runs but the last `kept`, with their logs; returns how many. Runs at work are left alone.

    What a run read, built and published is in the lake, its manifest and `published`: a log only tells how it went.
    """
    ended = [run for run in instance.get_runs() if run.is_finished]
    for run in ended[kept:]:
        instance.delete_run(run.run_id)
        instance.compute_log_manager.delete_logs(prefix=[run.run_id])
    return len(ended[kept:])


def failure_of(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """What made a step of a run fail, in the words of the first error that a person can act on; None where none did."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        error = event.step_failure_data.error if event else None
        while error is not None and error.cls_name != TweetbenchError.__name__ and error.cause is not None:
            error = error.cause
        message = " ".join(error.message.split()) if error else ""
        if error is not None and error.cls_name in STOPPED_BY:
            message = "it was stopped by a person or a signal"
        return f"step {event.step_key if event else ''}: {message.split(f'{TweetbenchError.__name__}: ')[-1]}"
    return None


def sign_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Write this process's mark on the run that it works on."""
    instance.add_run_tags(run_id, {WORKER_TAG: process_mark()})


def stop_with_ui(instance: dg.DagsterInstance, run_id: str) -> None:
    """In a worker that the UI started: stop when the UI is gone, so that nobody writes unseen, and when asked to.

    Dagster asks once, and forgets it where the signal meets code of its own that captures signals; and dbt can wait for
    ever for a thread that the signal ended. Whatever moment a worker is killed at, the next run makes it good.
    """
    ui = os.environ.get(UI_VARIABLE)
    if not ui or ui == process_mark():
        return

    def is_cancelling() -> bool:
        run = instance.get_run_by_id(run_id)
        return run is not None and run.status is dg.DagsterRunStatus.CANCELING

    def watch() -> None:
        pause, asked_for = threading.Event(), 0.0
        while is_running(ui) and asked_for < PATIENCE_SECONDS:
            pause.wait(WATCH_SECONDS)
            asked_for = asked_for + WATCH_SECONDS if is_cancelling() else 0.0
        os.kill(os.getpid(), signal.SIGINT)  # Dagster ends the run with a message
        pause.wait(GRACE_SECONDS)
        if is_running(ui) and (run := instance.get_run_by_id(run_id)) is not None and not run.is_finished:
            instance.report_run_canceled(run, "It did not stop by itself, so its process was ended.")
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="stop-with-ui", daemon=True).start()


def stop_workers(instance: dg.DagsterInstance) -> None:
    """Ask every run that this process or its children work on to end, and wait for them a little."""
    ours = set(descendants())
    # Looked up once: a worker may end at any moment, and process 0 would be our whole group.
    found = [(_worker(run), run) for run in instance.get_runs(dg.RunsFilter(statuses=AT_WORK))]
    runs = []
    for pid, run in found:
        if pid in ours:
            runs.append(run)
            try:
                # Before the signal: a worker that finds no request calls its end a failure, and it would be repeated.
                instance.report_run_canceling(run, "The UI is closing.")
            finally:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
    pause, ends = threading.Event(), time.monotonic() + GRACE_SECONDS
    while time.monotonic() < ends and any(is_running(run.tags[WORKER_TAG]) for run in runs):
        pause.wait(0.1)


def cancel_lost_runs(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Mark open runs as cancelled whose process has just been stopped on purpose."""
    for run in _lost(instance, settings):
        instance.report_run_canceled(run, "What had started this run was closed while it was at work.")


def _lost(instance: dg.DagsterInstance, settings: Settings) -> list[dg.DagsterRun]:
    """Open runs that nobody works on. Where others share the history, a mark may be that of a process elsewhere: then
    the data folder's lease tells, and a run that nobody has signed yet is left to Dagster's own monitoring."""
    runs = instance.get_runs(dg.RunsFilter(statuses=AT_WORK))
    unknown = [run for run in runs if not is_running(run.tags.get(WORKER_TAG, ""))]
    if not unknown or not is_shared(settings):
        return unknown
    at_work = purposes_at_work(settings.data_dir)
    return [run for run in unknown if run.tags.get(WORKER_TAG) and purpose_of(run.run_id) not in at_work]


def _worker(run: dg.DagsterRun) -> int:
    mark = run.tags.get(WORKER_TAG, "")
    return marked_pid(mark) if is_running(mark) else 0
