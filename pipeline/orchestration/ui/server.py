"""The Dagster UI as one service: web server and daemon in this process, one code server, all ended together.

`dg dev` starts four processes that each import everything; here definitions are loaded once, and what the web server
and the daemon need from them they share. Who may talk to the UI is decided in `pipeline.orchestration.ui.guard`.
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster_shared.error import SerializableErrorInfo

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.instance.history import working_history
from pipeline.orchestration.instance.home import prepare_dagster_home
from pipeline.orchestration.instance.lost_runs import (
    UI_VARIABLE,
    cancel_lost_runs,
    end_lost_runs,
    stop_workers,
)
from pipeline.orchestration.ui.guard import Rules, guarded
from pipeline.runtime.lease import last_writer
from pipeline.runtime.processes import descendants, is_running, process_mark
from pipeline.runtime.program import is_replaced, note_program, replaced_program, start_again
from pipeline.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    import uvicorn

POLL_RATE_MS = 2000
WATCH_SECONDS = 5.0
# A UI may stay open for a year.
LARGEST_LOG = 10_000_000
# Open pages hold a websocket each; they must not keep the server from ending.
DRAIN_SECONDS = 1
# Everything has ended ten seconds after it was asked to, whatever the web server's threads still compute.
LAST_SECONDS, NOTING_SECONDS = 6.5, 1.0


@dataclass(frozen=True)
class History:
    """The run history that a server works with, whose data folder it is, and where what is printed goes.

    Runs can be ended only where they are started: where the daemon is part of it. `ended` and `signals` are what
    ended a server that no person closed: an update, or its service.
    """

    instance: dg.DagsterInstance
    settings: Settings
    has_daemon: bool
    log: Path
    ended: list[TweetbenchError] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)

    @property
    def is_left_open(self) -> bool:
        """Whether the runs at work are for the next start to repeat, as after a crash: no person closed this."""
        return bool(self.ended or self.signals) or not self.has_daemon


def serve_ui(
    settings: Settings, listener: socket.socket, rules: Rules, *, has_daemon: bool, say: Callable[[str], None]
) -> None:
    """Serve the UI on a bound socket until SIGINT or SIGTERM; `say` receives what a person should know.

    Raises:
        TweetbenchError: the definitions cannot be loaded, or the run history cannot be opened.
    """
    with _served(settings, "ui.log", has_daemon=has_daemon, say=say) as history:
        _serve(history, listener, rules, say)


def serve_daemon(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Run the schedule, the sensor and the queue, without a web server, until SIGINT or SIGTERM.

    Raises:
        TweetbenchError: the definitions cannot be loaded, or the run history cannot be opened.
    """
    with _served(settings, "daemon.log", has_daemon=True, say=say) as history:

        def stop(number: int, _frame: object) -> None:
            """Containers and services are stopped so, for an update or with the machine; a person presses Ctrl-C."""
            history.signals.append(number)
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, stop)
        workspace = _load_workspace(history.instance, is_read_only=False)
        with _daemons(history.instance, workspace) as check_daemons:
            say("ready")
            _watch(history, check_daemons, workspace, say)


@contextlib.contextmanager
def _served(settings: Settings, log: str, *, has_daemon: bool, say: Callable[[str], None]) -> Iterator[History]:
    """The history for the length of a server, whose end is the end of all that it started."""
    os.environ[UI_VARIABLE] = process_mark()
    note_program(for_children=True)  # a run that is started here is one of this program, or refuses
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started this with Ctrl-C ignored
    home = prepare_dagster_home(settings)
    with errors_into(home / log), working_history(settings) as instance:
        history = History(instance, settings, has_daemon, home / log)
        try:
            if has_daemon:
                for lost in end_lost_runs(instance, settings):
                    say(f"run {lost.run_id[:8]} was {lost.status} but nobody worked on it any more: ended")
            with contextlib.suppress(KeyboardInterrupt):
                yield history
        finally:
            _end_everything(history)
    if history.ended:
        raise history.ended[0]


@contextlib.contextmanager
def _daemons(instance: dg.DagsterInstance, workspace: WorkspaceProcessContext) -> Iterator[Callable[[], None]]:
    """Dagster's daemons in threads of this process; gives what raises if one of them has ended."""
    from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance

    with contextlib.ExitStack() as stack:
        daemons = [stack.enter_context(daemon) for daemon in create_daemons_from_instance(instance)]
        yield DagsterDaemonController(workspace, daemons).check_daemon_threads


def bound_log(file: Path) -> None:
    """Put a log that has become large aside, over the one that was put aside before, while others write to it."""
    if file.stat().st_size <= LARGEST_LOG:
        return
    with contextlib.suppress(OSError):  # a disk that is full takes no copy
        shutil.copyfile(file, file.with_name(f"{file.name}.1"))
    os.truncate(file, 0)  # whoever has it open appends, so from the start again


@contextlib.contextmanager
def errors_into(file: Path) -> Iterator[None]:
    """Send what Dagster, its code server and its workers print on standard error, a line an event, into a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    os.close(log)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _serve(history: History, listener: socket.socket, rules: Rules, say: Callable[[str], None]) -> None:
    instance = history.instance
    with ThreadPoolExecutor(1) as loader:
        # Starts the code server, which loads the definitions while this process loads the web server.
        loading = loader.submit(_load_workspace, instance, is_read_only=rules.is_read_only)
        import uvicorn
        from dagster_webserver.webserver import DagsterWebserver

        workspace = loading.result()
    app = DagsterWebserver(workspace, live_data_poll_rate=POLL_RATE_MS).create_asgi_app()
    config = uvicorn.Config(
        guarded(app, rules),
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_insist, args=(server, history), name="insist", daemon=True).start()
    with contextlib.ExitStack() as stack:
        check_daemons = stack.enter_context(_daemons(instance, workspace)) if history.has_daemon else lambda: None
        watched = (history, check_daemons, None if rules.is_read_only else workspace, say)
        threading.Thread(target=_watch_beside, args=(server, *watched), name="watch", daemon=True).start()
        say("ready")
        server.run(sockets=[listener])


def _insist(server: "uvicorn.Server", history: History) -> None:
    """End this process if it has not ended by itself in time: an answer that is being computed would hold it up."""
    pause = threading.Event()
    while not server.should_exit:
        pause.wait(0.5)
    _end_by_force(history)


def _end_by_force(history: History) -> None:
    """Threads of Dagster wait for minutes for a code server that is gone, and the history may be locked: end anyway."""
    threading.Event().wait(LAST_SECONDS)
    _kill_descendants()
    if history.ended and history.ended[0].exit_code is Exit.REPLACED:
        start_again()
    if not history.is_left_open:
        noting = threading.Thread(target=_note, args=(_cancel_lost, history), daemon=True)
        noting.start()
        noting.join(NOTING_SECONDS)
    os._exit(int(history.ended[0].exit_code) if history.ended else 0)


def _note(what: Callable[[History], object], history: History) -> None:
    """Write into the history how runs ended. Where it is locked, the next start does it: that is no failed end."""
    try:
        what(history)
    except Exception as error:
        sys.stderr.write(f"the end of a run could not be noted: {error}\n")


def _load_workspace(instance: dg.DagsterInstance, *, is_read_only: bool) -> WorkspaceProcessContext:
    # What workspace.yaml says, with a folder: else Dagster's code server looks for modules in the current one.
    target = ModuleTarget("pipeline.definitions", None, str(PROJECT_DIR), "tweetbench")
    warnings.filterwarnings("ignore", message="Error loading repository location")  # reported below
    workspace = WorkspaceProcessContext(
        instance, target, version=dg.__version__, read_only=is_read_only, code_server_log_level="CRITICAL"
    )
    for name, entry in workspace.get_current_workspace().code_location_entries.items():
        if entry.load_error is not None:
            raise TweetbenchError(
                "the definitions cannot be loaded",
                where=name,
                why=" ".join(_cause(entry.load_error).split())[:1500],
                next_step="dg check defs   (shows where), or undo the last change",
                exit_code=Exit.CONFIGURATION,
            )
    return workspace


def _cause(error: SerializableErrorInfo) -> str:
    while error.cause is not None:
        error = error.cause
    return error.message


def _watch_beside(
    server: "uvicorn.Server",
    history: History,
    check_daemons: Callable[[], None],
    workspace: WorkspaceProcessContext | None,
    say: Callable[[str], None],
) -> None:
    """End the UI where the watch ends."""
    _watch(history, check_daemons, workspace, say)
    server.should_exit = True


def _watch(
    history: History,
    check_daemons: Callable[[], None],
    workspace: WorkspaceProcessContext | None,
    say: Callable[[str], None],
) -> None:
    """Start the code server again if it has ended; return, and say why, if a daemon thread has.

    Also if another version of tweetbench is installed by now, or has worked on the data folder (an older container is
    still open, say): this one would show that folder, and start its runs, by definitions that are no longer the same.
    """
    folder, pause = history.settings.data_dir, threading.Event()
    expected = {last_writer(folder), __version__}
    while not pause.wait(WATCH_SECONDS):
        bound_log(history.log)
        try:
            check_daemons()
        except Exception as error:
            say(f"the schedule and the sensor have stopped, so this ends: {error}")
            return
        if is_replaced():
            history.ended.append(replaced_program())
            return
        if (writer := last_writer(folder)) not in expected:
            history.ended.append(_other_writer(folder, writer))
            return
        if workspace is not None and not descendants():
            say("the code server was gone and is started again")
            workspace.reload_workspace()


def _other_writer(folder: Path, writer: str) -> TweetbenchError:
    return TweetbenchError(
        "another version of tweetbench has worked on this data folder",
        where=str(folder),
        why=f"that was {writer}, and this is {__version__}: its definitions are no longer those of the folder",
        next_step=f"open it with tweetbench {writer}, or update this installation or its container",
        exit_code=Exit.CONFIGURATION,
    )


def _cancel_lost(history: History) -> None:
    cancel_lost_runs(history.instance, history.settings)


def _stop_workers(history: History) -> None:
    stop_workers(history.instance)


def _end_everything(history: History) -> None:
    """Stop runs with a message, then whatever is left by force; a second Ctrl-C does not disturb it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_by_force, args=(history,), daemon=True).start()
    if not history.is_left_open:
        _note(_stop_workers, history)
    _kill_descendants()
    if not history.is_left_open:
        _note(_cancel_lost, history)


def _kill_descendants() -> None:
    """Kill them and wait until they are gone, which takes a moment: whose worker seems alive is not noted as ended."""
    killed = descendants()
    marks = [process_mark(pid) for pid in killed]
    for pid in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    pause, ends = threading.Event(), time.monotonic() + NOTING_SECONDS
    while time.monotonic() < ends and any(is_running(mark) for mark in marks):
        pause.wait(0.02)
