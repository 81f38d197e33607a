"""Runs of the small flow in processes of their own, to be killed, starved of space, or left alone. Holds no test."""

import errno
import gc
import importlib
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.runtime.failpoints import PLAN_VARIABLE, TRACE_VARIABLE
from tests.forking import serve
from tests.guarantees.flow import Order, make_settings, run_flow, run_reading
from tests.sources.api.platform import platform_module

MODULES_FILE = "modules.txt"
TRIED: set[str] = set()
FILE_OPERATIONS = {"open", "os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.chmod", "os.rmdir"}
TAKES_NO_SPACE = {"os.remove", "os.chmod", "os.rmdir"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def prepare(given: dict[str, Any]) -> None:
    # Once, here: a fork that has to import would need seconds.
    platform_module(given["source"])
    if given["task"] == "job":
        import pipeline.orchestration.running  # noqa: F401

        import_what_runs_import(Path(given["folder"]).with_name(MODULES_FILE))
    gc.freeze()  # a fork need not look through what its parent imported


def import_what_runs_import(note: Path) -> None:
    """Import what a run that came to its end had imported on the way; each is tried once."""
    names = set(note.read_text().split()) if note.exists() else set()
    for name in sorted(names - TRIED - sys.modules.keys()):
        TRIED.add(name)
        with suppress(Exception):  # some can only be imported by the module that asked for them
            importlib.import_module(name)


def run(given: dict[str, Any]) -> int:
    """One `Order`; the exit code of the command line."""
    order = Order(**given)
    for name, value in ((PLAN_VARIABLE, order.plan), (TRACE_VARIABLE, order.trace)):
        if value:
            os.environ[name] = value
    operations = watch_files(order)
    try:
        if order.task == "flow":
            run_flow(order)
        elif order.task == "reading":
            run_reading(order)
        elif order.task == "job":
            from tests.guarantees.real_runs import run_real_job

            run_real_job(order)
            Path(order.folder).with_name(MODULES_FILE).write_text("\n".join(sorted(sys.modules)))
        else:
            from tests.guarantees.test_g38_comply import run_erasure

            run_erasure(make_settings(Path(order.folder)))
    except TweetbenchError as error:
        return int(error.exit_code)
    except OSError as error:
        return error.errno or 1
    except Exception:
        traceback.print_exc()
        return 1
    if order.count_to:
        Path(order.count_to).write_text(str(len(operations)))
    return 0


def watch_files(order: Order) -> list[str]:
    """Count this process's file operations below the folder; die before the n-th, or have no space left from it on."""
    seen: list[str] = []
    if order.die_at is None and order.full_from is None and order.count_to is None:
        return seen

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in FILE_OPERATIONS or not str(arguments[0]).startswith(order.folder):
            return
        seen.append(event)
        if len(seen) == order.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        is_writing = event not in TAKES_NO_SPACE and (event != "open" or arguments[2] & WRITES)
        if order.full_from is not None and len(seen) >= order.full_from and is_writing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))

    sys.addaudithook(watch)
    return seen


if __name__ == "__main__":
    serve(prepare, run)
