"""How far the reading of one file is: a source reports it, the process around shows or ignores it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Report = Callable[[str, int, int], None]  # what is being done, how much of it is done, how much there is
Item = TypeVar("Item")
EVERY = 5_000  # items between two reports: a few dozen reports a second at most

_REPORT: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def reported_to(report: Report) -> Iterator[None]:
    """Hand the progress of everything read in the block to a function."""
    token = _REPORT.set(report)
    try:
        yield
    finally:
        _REPORT.reset(token)


def report(step: str, done: int, total: int) -> None:
    """Say how far a step is; without anybody who waits nothing happens."""
    listener = _REPORT.get()
    if listener:
        listener(step, done, total)


def counted_off(items: Iterable[Item], total: int, step: str) -> Iterator[Item]:
    """The items as they are, with a report after every few thousand."""
    for done, item in enumerate(items):
        if done % EVERY == 0 and done:
            report(step, done, total)
        yield item
