"""Reading people's files at arm's length: a child process with limits on memory and time, one for each file.

A helper process is started once for a call of `ingest` and forks for each file, so that a bomb or a crash costs that
file and nothing else. Small text files are read in this process: their size bounds what they can do. What a file
means belongs to the sources.
"""

import io
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from typing import IO, Any

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import ReadFile, Task, do_task
from pipeline.reading.sandbox_child import Ended, Job, Progress
from pipeline.runtime.processes import own_module
from pipeline.runtime.progress import report
from pipeline.schemas.row_streams import StoredRows
from pipeline.settings import Settings
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.survey.inspection import Inspection, Options

# 64 kB of text are read in 40 ms and 20 MB at most; starting the helper takes 700 ms, a fork 10 ms.
IN_PROCESS_BYTES = 64 * 1024
BINARY_STARTS = (b"PK", b"$FL", b"\xd0\xcf\x11\xe0")
# Arrow's own pools reserve address space ahead, which the limit on memory would count.
ARROW = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
KEPT_VARIABLES = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV"}


class Reader:
    """Reads files one after another; starts its helper process when the first file needs it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._helper: tuple[subprocess.Popen[bytes], Connection, IO[bytes]] | None = None
        self._is_asked = False

    def read(self, file: InputFile, request: Request, kind: str | None = None) -> ReadFile:
        """Name of the source and what it read; its rows can be read until the next call.

        Raises:
            TweetbenchError: nothing of the file can be used, or reading it took more memory or time than allowed.
        """
        name, reading = self._do("read", file, request, kind)
        if not isinstance(reading, Reading):
            raise TypeError("a task to read returns a reading")
        return name, reading

    def recognise(self, file: InputFile, request: Request) -> str:
        """Name of the source that reads the file.

        Raises:
            TweetbenchError: no source does.
        """
        return self._do("recognise", file, request, None)[0]

    def inspect(self, file: InputFile, request: Request, options: Options) -> Inspection:
        """A draft mapping of a survey export.

        Raises:
            TweetbenchError: the file is no table, or has no answers.
        """
        _, inspection = self._do("inspect", file, request, options)
        if not isinstance(inspection, Inspection):
            raise TypeError("a task to inspect returns an inspection")
        return inspection

    def _do(self, task: Task, file: InputFile, request: Request, option: str | Options | None) -> tuple[str, Any]:
        if _is_small_text(file):
            return do_task(task, file, request, option)
        limits = self._settings.max_reading_mb, self._settings.max_reading_seconds
        return self._ask(Job(file, request, task, option, *limits))

    def close(self) -> None:
        """End the helper process, if there is one; at once if it is at work on a file nobody waits for any more."""
        if self._helper is None:
            return
        process, connection, scratch = self._helper
        self._helper, is_at_work, self._is_asked = None, self._is_asked, False
        connection.close()
        scratch.close()
        try:
            process.wait(timeout=0 if is_at_work else 5)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and the child that reads a file
            process.wait()

    def _ask(self, job: Job) -> tuple[str, Any]:
        _, connection, scratch = self._helper = self._helper or _start_helper()
        self._is_asked = True
        try:
            connection.send(job)
            while isinstance(message := connection.recv(), Progress):
                report(message.step, message.done, message.total)
            ended: Ended = message
        except (EOFError, OSError) as error:
            self.close()
            raise _died(job, "its helper process was killed from outside", "end other programs") from error
        self._is_asked = False
        if not ended.is_answered:
            raise _died(job, ended.why, ended.remedy)
        scratch.seek(-8, io.SEEK_END)
        scratch.seek(int.from_bytes(scratch.read(8), "big"))
        answer = pickle.load(scratch)  # noqa: S301 - written by our own child a moment ago
        if isinstance(answer, TweetbenchError):
            raise answer
        name, result = answer
        return name, _bound(result, scratch)


def _bound(result: Any, scratch: IO[bytes]) -> Any:
    """A reading whose rows can be read from the scratch file, until it is used for the next file."""
    if not isinstance(result, Reading):
        return result
    tables = {
        name: replace(rows, stream=scratch) if isinstance(rows, StoredRows) else rows
        for name, rows in result.tables.items()
    }
    return replace(result, tables=tables)


@contextmanager
def open_reader(settings: Settings) -> Iterator[Reader]:
    """A reader for the files of one call."""
    reader = Reader(settings)
    try:
        yield reader
    finally:
        reader.close()


def _is_small_text(file: InputFile) -> bool:
    return file.path.stat().st_size <= IN_PROCESS_BYTES and not file.start.startswith(BINARY_STARTS)


def _start_helper() -> tuple[subprocess.Popen[bytes], Connection, IO[bytes]]:
    ours, theirs = Pipe()
    # It has no name: nothing of a file is left behind, whatever happens. Unbuffered, because the child moves its place,
    # and closed with the reader.
    scratch = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    passed = (theirs.fileno(), scratch.fileno())
    process = subprocess.Popen(  # noqa: S603 - our own module
        own_module("pipeline.reading.sandbox_child", *map(str, passed)),
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        # How it ended comes back as a message; a parser that panics prints its own besides.
        stderr=None if "--debug" in sys.argv else subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for this process, which ends the helper and what it has forked
        env={**_environment(), **ARROW, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    theirs.close()
    return process, ours, scratch


def _environment() -> dict[str, str]:
    """What the helper may know of ours: no tokens, no keys."""
    return {name: value for name, value in os.environ.items() if name in KEPT_VARIABLES}


def _died(job: Job, why: str, remedy: str) -> TweetbenchError:
    return TweetbenchError(
        "reading the file was stopped",
        where=job.file.shown_name,
        why=why,
        next_step=f"export a shorter period; if the file is right, {remedy}, then run: tweetbench ingest FILE",
    )
