"""The helper process of `reading`: forks for each file, sets the limits, and says how the child ended.

Started as `python -m pipeline.reading.sandbox_child CONNECTION SCRATCH` with two open file descriptors; it writes
nothing else.
"""

import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import Task, do_task
from pipeline.runtime.progress import reported_to
from pipeline.schemas.row_streams import store_rows
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.survey.inspection import Options

MEBIBYTE = 2**20
ANSWERED, REFUSED_BY_MEMORY = 0, 3
SECONDS_BETWEEN_REPORTS = 0.2
WAITS_LONGER = 6  # times the processor's time


@dataclass(frozen=True)
class Job:
    """One file to read, and what reading it may take."""

    file: InputFile
    request: Request
    task: Task
    option: str | Options | None  # the kind of file to read it as, or what a person says of a draft
    max_mb: int
    max_seconds: float


@dataclass(frozen=True)
class Progress:
    """How far a step of reading is."""

    step: str
    done: int
    total: int


@dataclass(frozen=True)
class Ended:
    """How the child ended: with an answer in the scratch file, or why without, and which setting would let it read."""

    is_answered: bool
    why: str = ""
    remedy: str = ""


def serve(connection: Connection, scratch: int) -> None:
    """Answer jobs until the other side closes its end."""
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            _answer(job, scratch, connection)
        _, status = os.waitpid(child, 0)
        connection.send(_ended(status, job))


def _answer(job: Job, scratch: int, connection: Connection) -> None:
    """In the child: read the file, write the answer, end at once. Nobody else sends while the child is at work."""
    code = REFUSED_BY_MEMORY
    try:
        _limit(job)
        os.lseek(scratch, 0, os.SEEK_SET)
        os.ftruncate(scratch, 0)
        with os.fdopen(os.dup(scratch), "r+b") as stream:
            answer: object
            try:
                with reported_to(_at_most_often(connection)):
                    name, result = do_task(job.task, job.file, job.request, job.option)
                    answer = name, _stored(result, stream)
            except TweetbenchError as error:
                error.__cause__ = error.__context__ = None
                answer = error.with_traceback(None)
            # The rows stand first, each table where it says; the answer itself is found by the last eight bytes.
            start = stream.tell()
            pickle.dump(answer, stream, protocol=pickle.HIGHEST_PROTOCOL)
            stream.write(start.to_bytes(8, "big"))
        code = ANSWERED
    except MemoryError:
        pass
    finally:
        os._exit(code)


def _stored(result: Any, stream: IO[bytes]) -> Any:
    """A reading whose rows lie in the scratch file, but for its issues, which are few and looked at; else as it is."""
    if not isinstance(result, Reading):
        return result
    tables = {
        name: rows if name == "issues" else store_rows(name, rows, stream) for name, rows in result.tables.items()
    }
    return replace(result, tables=tables)


def _at_most_often(connection: Connection) -> Callable[[str, int, int], None]:
    last = 0.0

    def send(step: str, done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last > SECONDS_BETWEEN_REPORTS:
            last = now
            connection.send(Progress(step, done, total))

    return send


def _limit(job: Job) -> None:
    # The kernel ends the child, also inside a parser that holds the interpreter. What counts is the time that the file
    # takes of a processor: a machine with other work is no fault of the file. A disk that does not answer has an end.
    for timer, number, seconds in (
        (signal.ITIMER_PROF, signal.SIGPROF, job.max_seconds),
        (signal.ITIMER_REAL, signal.SIGALRM, WAITS_LONGER * job.max_seconds),
    ):
        signal.signal(number, signal.SIG_DFL)
        signal.setitimer(timer, seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ceiling = _address_space() + job.max_mb * MEBIBYTE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or ceiling < hard:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
        except (ValueError, OSError):  # macOS does not limit address space; the other limits hold
            return


def _address_space() -> int:
    """Bytes that the interpreter and its libraries have mapped before the file is looked at; 0 where nothing tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _ended(status: int, job: Job) -> Ended:
    code = os.waitstatus_to_exitcode(status)
    if code == ANSWERED:
        return Ended(is_answered=True)
    time = f"raise TWEETBENCH_MAX_READING_SECONDS, now {job.max_seconds:g}, to {2 * job.max_seconds:g}"
    if code == -signal.SIGPROF:
        return Ended(False, f"it took longer than {job.max_seconds:g} seconds of one processor", time)
    if code == -signal.SIGALRM:
        return Ended(
            False, f"it took longer than {WAITS_LONGER * job.max_seconds:g} seconds, most of them waiting", time
        )
    memory = f"raise TWEETBENCH_MAX_READING_MB, now {job.max_mb:,}, to {2 * job.max_mb:,}"
    if code == REFUSED_BY_MEMORY:
        return Ended(False, f"it needs more than {job.max_mb:,} MB of memory", memory)
    shown = signal.Signals(-code).name if code < 0 else f"code {code}"
    far = (
        "; in a workbook a single cell far from the table is enough, and Ctrl+End shows it"
        if job.file.is_workbook
        else ""
    )
    why = f"the parser ended with {shown}; most likely it needs more than {job.max_mb:,} MB of memory{far}"
    return Ended(False, why, memory)


if __name__ == "__main__":
    # Unpickled jobs must find the classes under their module's name, not under __main__.
    from pipeline.reading import sandbox_child as reading_child

    reading_child.serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
