"""Progress on standard error: a bar on a terminal, a line now and then elsewhere. Knows nothing of what is done."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import UnsupportedOperation

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli.console import err
from pipeline.runtime.progress import Report

# A file below this is read before a line about it could be read.
WORTH_A_LINE_BYTES = 5_000_000
LINES_A_STEP = 4


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Shows steps done, steps in all and the step at work: a bar on a terminal, a line a step elsewhere."""
    with _kept_standard_error() as console:
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task("starting", total=None)
                yield lambda done, total, step: bar.update(task, description=step, completed=done, total=total)
            return
        shown: list[str] = []

        def print_step(done: int, total: int, step: str) -> None:
            if step and step not in shown:
                shown.append(step)
                console.print(f"{done}/{total} {step}")

        yield print_step


@contextmanager
def _kept_standard_error() -> Iterator[Console]:
    """Standard error as it is now: during a run it goes into the run's log."""
    try:
        copy = os.dup(sys.stderr.fileno())
    except (OSError, UnsupportedOperation):
        yield err  # no file of the system's, so nothing redirects it
        return
    with os.fdopen(copy, "w", encoding=sys.stderr.encoding, errors="replace") as stream:
        yield Console(file=stream, soft_wrap=True, highlight=False)


@contextmanager
def shown_reading() -> Iterator[Callable[[str, int], Report]]:
    """Gives a function that begins a file, with its name and size in bytes, and returns what reports its progress.

    A bar by rows on a terminal; elsewhere, for a large file, a line for each quarter of each step.
    """
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("reading", total=None)

            def begin_bar(name: str, size: int) -> Report:  # noqa: ARG001 - both ways are called alike
                shown = escape(name)
                bar.reset(task, description=f"reading {shown}", total=None)
                return lambda step, done, total: bar.update(
                    task, description=f"{shown}: {step}", completed=done, total=total
                )

            yield begin_bar
        return

    def begin_lines(name: str, size: int) -> Report:
        said: set[tuple[str, int]] = set()
        if size >= WORTH_A_LINE_BYTES:
            err.print(f"reading {name}, {size / 1e6:,.1f} MB", markup=False)

        def say_quarter(step: str, done: int, total: int) -> None:
            quarter = done * LINES_A_STEP // max(total, 1)
            if size >= WORTH_A_LINE_BYTES and quarter and (step, quarter) not in said:
                said.add((step, quarter))
                err.print(f"reading {name}: {step}, {100 * quarter // LINES_A_STEP} %", markup=False)

        return say_quarter

    yield begin_lines
