"""Processes that draw while their caller works: the engine that draws holds the lock of the interpreter, so that a
thread would gain nothing.
"""

import json
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Self

from pipeline.runtime.processes import own_module

DRAWN = "drawn\n"


class Painters:
    """Draw what they are handed, each at most one picture at a time; none of them outlives the block.

    A process starts with the first picture for it. One that dies takes that picture with it and no other.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="painter")
        self._of_thread = threading.local()
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._started:  # whoever waits for an answer has it: none
            worker.kill()
        self._threads.shutdown()
        for worker in self._started:
            worker.kill()
            worker.communicate()

    def draw(self, job: Mapping[str, Any]) -> "Future[bool]":
        """Hand over a job as `pipeline.report.picture_worker` reads it; whether its picture is there, once it is."""
        return self._threads.submit(self._draw, job)

    def _draw(self, job: Mapping[str, Any]) -> bool:
        worker = self._worker()
        said = ""
        with suppress(OSError):  # it is dead
            if worker.stdin and worker.stdout:  # always: it was opened with pipes
                worker.stdin.write(json.dumps(job, default=str) + "\n")
                worker.stdin.flush()
                said = worker.stdout.readline()
        if not said:
            self._of_thread.worker = None
        return said == DRAWN

    def _worker(self) -> subprocess.Popen[str]:
        worker: subprocess.Popen[str] | None = getattr(self._of_thread, "worker", None)
        if worker is None:
            worker = subprocess.Popen(  # noqa: S603 - our own module; data go through its input
                own_module("pipeline.report.picture_worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self._of_thread.worker = worker
            self._started.append(worker)
        return worker
