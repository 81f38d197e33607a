"""Ctrl-C and SIGTERM inside libraries that turn them into errors of their own.

A run that was stopped must end as stopped: as an error it would not be repeated by itself, and a person would look for
what went wrong.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import duckdb

NO_SIGNAL = b"\0"
PATIENCE_SECONDS = 1.0


@contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection, closed at the end of the block; an interrupt of its query stops the query and stays what it was.

    DuckDB says RuntimeError, with the interrupt as its cause, and lets the query run: closing would wait for its end.
    """
    try:
        with _stopped_by_signals(connection):
            yield connection
    except BaseException as error:
        connection.interrupt()
        if isinstance(error, RuntimeError):
            raise_if_interrupt(error.__cause__)
        raise
    finally:
        connection.close()


@contextmanager
def _stopped_by_signals(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stop a query that runs on after a signal: DuckDB 2 works in the main thread, too, and lets Python's handlers run
    only between two pieces of its work, of which one may take for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    is_stopped = threading.Event()

    def watch() -> None:
        while os.read(reader, 1) != NO_SIGNAL:
            if not select.select([reader], [], [], PATIENCE_SECONDS)[0]:
                is_stopped.set()
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handled = [number for number in signal.valid_signals() if callable(signal.getsignal(number))]
    try:
        # The error of the stopped query is on its way; an interrupt in the middle of it would leave this block open.
        with never_swallowed(*handled, raises_at_once=lambda: not is_stopped.is_set()):
            yield
    finally:
        signal.set_wakeup_fd(before)
        os.write(writer, NO_SIGNAL)
        watcher.join()
        os.close(reader)
        os.close(writer)


def raise_if_interrupt(error: BaseException | None) -> None:
    """Raise what is no mere error: KeyboardInterrupt, SystemExit, and what Dagster interrupts its steps with."""
    if error is not None and not isinstance(error, Exception):
        raise error


@contextmanager
def never_swallowed(*signals: int, raises_at_once: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Raise at the end of the block what these signals raised in it, though a library caught it there.

    dbt turns an interrupt into whatever its closing connections then complain of. Outside the main thread nothing
    changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    raised: list[BaseException] = []

    def keep(handler: Callable[[int, FrameType | None], object]) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            try:
                handler(number, frame)
            except BaseException as error:
                raised.append(error)
                if raises_at_once():
                    raise

        return handle

    before = {number: signal.getsignal(number) for number in signals}
    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, keep(handler))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if raised:
            raise raised[0] from None


@contextmanager
def interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """Let these signals raise KeyboardInterrupt in the block; outside the main thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def heard_in_callbacks() -> Iterator[None]:
    """Ask again, by SIGTERM, where the interrupt came while a callback of the garbage collector was at work: Python
    ignores whatever is raised there, and the run would continue to its end."""
    before, again = sys.unraisablehook, []

    def hear(ignored: "sys.UnraisableHookArgs") -> None:
        if ignored.exc_value is None or isinstance(ignored.exc_value, (Exception, GeneratorExit)):
            before(ignored)
            return
        # A moment later and from another thread: here it would be ignored once more.
        again.append(threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)))
        again[-1].start()

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in again:
            timer.cancel()
