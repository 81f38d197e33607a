"""A process that imports once and forks a run for each order: a start costs milliseconds instead of seconds, and the
run can be killed with its process group. Holds no test.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.settings import PROJECT_DIR

OF_THE_PROJECT = ("TWEETBENCH_", "DAGSTER_")


def serve(prepare: Callable[[Any], None], run: Callable[[Any], int]) -> None:
    """Run each line of standard input, an order as JSON, in a fork; print its process id, then its exit code."""
    for line in sys.stdin:
        order = json.loads(line)
        prepare(order)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os._exit(run(order))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def clean_environment() -> dict[str, str]:
    """The environment without settings of the machine that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_PROJECT)}
    return {**kept, "NO_COLOR": "1"}


@dataclass(frozen=True)
class Worker:
    """The other end of a process that serves."""

    process: subprocess.Popen[str]

    def start(self, order: Any) -> int:
        """Start a run of a dataclass or of JSON values; its process id and process group."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order, default=asdict) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def exit_code(self) -> int:
        """Exit code of the run that was started last, once it has ended; negative: the signal."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def run(self, order: Any) -> int:
        """Run to the end; the exit code."""
        self.start(order)
        return self.exit_code()

    def run_and_kill(self, order: Any, after_seconds: float) -> int:
        """Run and kill its process group after some time; the exit code."""
        group = self.start(order)
        time.sleep(after_seconds)
        with suppress(ProcessLookupError):  # it may have ended
            os.killpg(group, signal.SIGKILL)
        return self.exit_code()


@contextmanager
def open_worker(module: str = "tests.guarantees.crash_worker") -> Iterator[Worker]:
    """A worker for the duration of the block; `module` calls `serve`."""
    environment = {**clean_environment(), "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT_DIR)}
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, cwd=PROJECT_DIR, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Worker(process)
        assert process.stdin is not None
        process.stdin.close()
