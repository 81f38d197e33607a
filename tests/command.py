"""Runs the `tweetbench` command in a process of its own, as a person would."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from tests.forking import Worker, clean_environment, open_worker
from tests.parsed import share_parsed_project

# Commands that parse the dbt project in a new data folder.
PARSING = {"run", "ui", "rebuild"}
LONGEST_SECONDS = 600
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Tweetbench:
    """The command on one data folder, with no setting taken from the machine that runs the tests.

    `is_installed` starts the installed script with an interpreter of its own, for tests of how it starts.
    """

    data_dir: Path
    is_installed: bool = False

    def __call__(self, *arguments: str | Path, **environment: str) -> Said:
        words = [str(argument) for argument in arguments]
        if not PARSING.isdisjoint(words):
            share_parsed_project(self.data_dir)
        given = {**clean_environment(), "TWEETBENCH_DATA_DIR": str(self.data_dir), **environment}
        run = _installed if self.is_installed else _forked
        return run(words, self.data_dir.parent, given)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a question to the published warehouse."""
        said = self("sql", query, "--json")
        assert said.code == 0, said.err
        rows: list[dict[str, Any]] = said.json()
        return rows


def _installed(arguments: list[str], folder: Path, environment: dict[str, str]) -> Said:
    command = [str(Path(sys.executable).with_name("tweetbench")), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False, cwd=folder, env=environment
    )
    return Said(done.returncode, done.stdout, done.stderr)


@cache
def _worker() -> Worker:
    opened = ExitStack()
    atexit.register(opened.close)
    return opened.enter_context(open_worker("tests.command_worker"))


def _forked(arguments: list[str], folder: Path, environment: dict[str, str]) -> Said:
    with tempfile.TemporaryDirectory(prefix="said-") as place, _ONE_AT_A_TIME:
        out, err = Path(place, "out"), Path(place, "err")
        order = {"arguments": arguments, "cwd": str(folder), "environment": environment}
        pid = _worker().start({**order, "out": str(out), "err": str(err)})
        too_long = Timer(LONGEST_SECONDS, _kill, [pid])
        too_long.start()
        code = _worker().exit_code()
        too_long.cancel()
        return Said(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
