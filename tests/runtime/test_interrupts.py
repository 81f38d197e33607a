"""What was stopped ends as stopped, also inside libraries that make an error of it."""

import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.runtime.interrupts import heard_in_callbacks, interrupted_by, never_swallowed, raise_if_interrupt
from pipeline.settings import Settings

ENDLESS = "select count(*) from range(100000000) as a (x), range(100000) as b (y) where hash(x + y) % 7 = 3"


class StepInterrupt(BaseException):
    """As Dagster interrupts a step."""


def interrupt_step(*_: object) -> None:
    raise StepInterrupt


@pytest.fixture(params=[signal.default_int_handler, interrupt_step])
def interrupt(request: pytest.FixtureRequest) -> Iterator[type[BaseException]]:
    """What an alarm raises while the test runs."""
    before = signal.signal(signal.SIGALRM, request.param)
    yield KeyboardInterrupt if request.param is signal.default_int_handler else StepInterrupt
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def turn_into_an_error() -> None:
    try:
        signal.raise_signal(signal.SIGALRM)
    except BaseException as error:
        raise ConnectionError("already closed") from error


def ask_without_end(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        connection.execute(ENDLESS)


def test_g17_an_interrupted_query_stops_and_is_no_failed_one(tmp_path: Path, interrupt: type[BaseException]) -> None:
    for number in range(3):
        with pytest.raises(interrupt):
            ask_without_end(Settings(_env_file=None, data_dir=tmp_path / str(number)))


def test_a_failure_stays_a_failure(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="of its own"),
        warehouse.connect(Settings(_env_file=None, data_dir=tmp_path)),
    ):
        raise RuntimeError("of its own") from ValueError("the cause")
    raise_if_interrupt(ValueError())
    raise_if_interrupt(None)
    with pytest.raises(SystemExit):
        raise_if_interrupt(SystemExit(3))


def test_a_signal_interrupts_inside_the_block_only() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with pytest.raises(KeyboardInterrupt), interrupted_by(signal.SIGUSR1):
        signal.raise_signal(signal.SIGUSR1)
    assert signal.getsignal(signal.SIGUSR1) is before


def test_another_thread_changes_no_handler() -> None:
    seen = []

    def look() -> None:
        with interrupted_by(signal.SIGUSR1):
            seen.append(signal.getsignal(signal.SIGUSR1))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]


def test_what_a_library_swallows_is_raised_at_the_end_of_the_block(interrupt: type[BaseException]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(interrupt), never_swallowed(signal.SIGALRM):
        turn_into_an_error()
    with pytest.raises(interrupt), never_swallowed(signal.SIGALRM), suppress(BaseException):
        signal.raise_signal(signal.SIGALRM)
    with pytest.raises(ConnectionError), never_swallowed(signal.SIGALRM):
        raise ConnectionError
    assert signal.getsignal(signal.SIGALRM) is before


class Collected:
    """Something whose end is heard of."""


def interrupted_while_collecting() -> None:
    with interrupted_by(signal.SIGTERM), heard_in_callbacks():
        thing = Collected()
        heard = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))
        del thing
        assert heard() is None, "Python has ignored what the callback raised"
        time.sleep(30)


def test_an_interrupt_in_a_callback_of_the_garbage_collector_is_asked_for_again() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted_while_collecting()


def test_an_error_in_a_callback_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda ignored: said.append(ignored.exc_type))
    with heard_in_callbacks():
        thing = Collected()
        heard = weakref.ref(thing, lambda _: [].pop())
        del thing
    assert (said, heard()) == ([IndexError], None)
