"""Named places where a test may make this process die, fail or wait. What is tested with them belongs to the tests.

Without TWEETBENCH_FAULT_PLAN every point does nothing. The plan is a comma-separated list of `point:action` or
`point:action:hit`, with the actions crash (SIGKILL, as a power cut would look to the next run), enospc, eio,
sleep=SECONDS and gate=PIPE (waits until somebody has opened that named pipe to write, and closed it; a pipe that is
gone holds nobody up); `hit` is which passage of the point in one process is meant, the first by default.
TWEETBENCH_FAULT_TRACE names a file to which every passage appends its point, so that a harness can list all points of a
run and leave none out. Setting either in production harms nothing that a kill or a full disk would not harm: that is
what they stand for.
"""

import errno
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

PLAN_VARIABLE, TRACE_VARIABLE = "TWEETBENCH_FAULT_PLAN", "TWEETBENCH_FAULT_TRACE"
_passages: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Do what the fault plan says for this passage of a named point; nothing without a plan.

    Raises:
        OSError: the plan asks for a full disk (enospc) or a failing one (eio).
        ValueError: the plan names an action that does not exist.
    """
    plan, trace = os.environ.get(PLAN_VARIABLE), os.environ.get(TRACE_VARIABLE)
    if not plan and not trace:
        return
    _passages[name] += 1
    if trace:
        with Path(trace).open("a", encoding="utf-8") as stream:
            stream.write(f"{name}\n")
    for entry in (plan or "").split(","):
        point, _, rest = entry.strip().partition(":")
        action, _, hit = rest.partition(":")
        if point == name and _passages[name] == int(hit or 1):
            _act(action, name)


def forget_passages() -> None:
    """Count from the start again, for a test that runs several plans in one process."""
    _passages.clear()


def _act(action: str, name: str) -> None:
    if action == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action in {"enospc", "eio"}:
        code = errno.ENOSPC if action == "enospc" else errno.EIO
        raise OSError(code, os.strerror(code), name)
    elif action.startswith("sleep="):
        time.sleep(float(action.removeprefix("sleep=")))
    elif action.startswith("gate="):
        with suppress(FileNotFoundError):
            Path(action.removeprefix("gate=")).read_bytes()
    else:
        raise ValueError(f"there is no fault {action!r}; use crash, enospc, eio, sleep=SECONDS or gate=PIPE")
