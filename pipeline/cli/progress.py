"""Progress on standard error: a bar on a terminal, a line now and then elsewhere. Knows nothing of what is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli.console import err

# A file below this is read before a line about it could be read.
WORTH_A_LINE_BYTES = 5_000_000
LINES_A_FILE = 4

# Called with the bytes of a file that are read so far.
ShowBytes = Callable[[int], None]


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Shows steps done, steps in all and the step at work: a bar on a terminal, a line a step elsewhere."""
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("starting", total=None)
            yield lambda done, total, step: bar.update(task, description=step, completed=done, total=total)
        return
    shown: list[str] = []

    def print_step(done: int, total: int, step: str) -> None:
        if step and step not in shown:
            shown.append(step)
            err.print(f"{done}/{total} {step}")

    yield print_step


@contextmanager
def shown_reading() -> Iterator[Callable[[str, int], ShowBytes]]:
    """Gives a function that begins a file, with its name and size in bytes, and returns what to call as it is read.

    A bar by bytes on a terminal; elsewhere a line when a large file begins, and at each quarter of it.
    """
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("reading", total=None)

            def begin_bar(name: str, size: int) -> ShowBytes:
                bar.reset(task, description=f"reading {name}", total=size)
                return lambda done: bar.update(task, completed=done)

            yield begin_bar
        return

    def begin_lines(name: str, size: int) -> ShowBytes:
        quarters = [0]
        if size >= WORTH_A_LINE_BYTES:
            err.print(f"reading {name}, {size / 1e6:,.1f} MB", markup=False)

        def show(done: int) -> None:
            quarter = done * LINES_A_FILE // size if size >= WORTH_A_LINE_BYTES else 0
            if quarters[0] < quarter < LINES_A_FILE:
                quarters[0] = quarter
                err.print(f"reading {name}: {100 * quarter // LINES_A_FILE} %", markup=False)

        return show

    yield begin_lines
