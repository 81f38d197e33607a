"""The helper process of `reading`: forks for each file, sets the limits, and says how the child ended.

Started as `python -m pipeline.reading_child CONNECTION SCRATCH` with two open file descriptors; it writes nothing else.
"""

import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from pipeline.errors import TweetbenchError
from pipeline.sources.protocol import InputFile, Request
from pipeline.sources.recognition import Task, do_task
from pipeline.sources.survey.inspection import Options

MEBIBYTE = 2**20
ANSWERED, REFUSED_BY_MEMORY = 0, 3


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
class Ended:
    """How the child ended: with an answer in the scratch file, or why without."""

    is_answered: bool
    why: str = ""


def serve(connection: Connection, scratch: int) -> None:
    """Answer jobs until the other side closes its end."""
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            _answer(job, scratch)
        _, status = os.waitpid(child, 0)
        connection.send(_ended(status, job))


def _answer(job: Job, scratch: int) -> None:
    """In the child: read the file, write the pickled answer, end at once."""
    code = REFUSED_BY_MEMORY
    try:
        _limit(job)
        answer: object
        try:
            answer = do_task(job.task, job.file, job.request, job.option)
        except TweetbenchError as error:
            error.__cause__ = error.__context__ = None
            answer = error.with_traceback(None)
        os.lseek(scratch, 0, os.SEEK_SET)
        os.ftruncate(scratch, 0)
        with os.fdopen(os.dup(scratch), "wb") as stream:
            pickle.dump(answer, stream, protocol=pickle.HIGHEST_PROTOCOL)
        code = ANSWERED
    except MemoryError:
        pass
    finally:
        os._exit(code)


def _limit(job: Job) -> None:
    # The kernel ends the child, also inside a parser that holds the interpreter.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, job.max_seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ceiling = job.max_mb * MEBIBYTE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or ceiling < hard:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
        except (ValueError, OSError):  # macOS does not limit address space; the other limits hold
            return


def _ended(status: int, job: Job) -> Ended:
    code = os.waitstatus_to_exitcode(status)
    if code == ANSWERED:
        return Ended(is_answered=True)
    if code == -signal.SIGALRM:
        return Ended(False, f"it took longer than {job.max_seconds:,.0f} seconds")
    if code == REFUSED_BY_MEMORY:
        return Ended(False, f"it needs more than {job.max_mb:,} MB of memory")
    shown = signal.Signals(-code).name if code < 0 else f"code {code}"
    return Ended(False, f"the parser ended with {shown}; most likely it needs more than {job.max_mb:,} MB of memory")


if __name__ == "__main__":
    # Unpickled jobs must find the classes under their module's name, not under __main__.
    from pipeline import reading_child

    reading_child.serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
