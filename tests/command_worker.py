"""Runs of the `tweetbench` command, each in a fork that is a process of its own. Holds no test."""

import atexit
import importlib
import os
import sys
import tempfile
import threading
from typing import Any

import pipeline.cli.main  # noqa: F401 - once, here
from pipeline.cli.entry import main
from tests.forking import serve

# What these commands import when they begin; the first of them imports it for all that follow.
IMPORTED = {
    "run": "pipeline.orchestration.running",
    "rebuild": "pipeline.orchestration.running",
    "report": "pipeline.report.at_publish",
}


def prepare(order: dict[str, Any]) -> None:
    for word in IMPORTED.keys() & set(order["arguments"]):
        importlib.import_module(IMPORTED[word])


def run(order: dict[str, Any]) -> int:
    """One command as a process of its own would run it; the exit code."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, path in enumerate([os.devnull, order["out"], order["err"]]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the process ends
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.argv = ["tweetbench", *order["arguments"]]
    tempfile.tempdir = None  # TMPDIR may be another one
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined] # what Python does when a process ends
    atexit._run_exitfuncs()
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    serve(prepare, run)
