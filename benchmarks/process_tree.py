"""One measured command with everything that it starts: wall time, CPU time of all, and the greatest sum of memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import Measure

LOOK_EVERY_S = 0.1
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 1024**2


def measure_tree(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measure:
    """Run a command to its end in `folder`.

    CPU time is that of the process and of every descendant that was waited for. Memory is the proportional share (PSS)
    of all processes of its session, looked at ten times a second: pages that processes share count once.

    Raises:
        RuntimeError: it failed; the message has its last words.
    """
    peak, ended = [0.0], threading.Event()
    started = time.monotonic()
    with (folder / "output").open("w+b") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command, env=environment, cwd=folder, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )

        def watch() -> None:
            while not ended.wait(LOOK_EVERY_S):
                peak[0] = max(peak[0], _session_mib(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            ended.set()
            watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        if process.returncode:
            output.seek(0)
            words = output.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {words}")
    return Measure(round(wall, 3), round(usage.ru_utime + usage.ru_stime, 3), round(peak[0], 1))


def _session_mib(session: int) -> float:
    total = 0.0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(path.name)) == session:
                total += _pss_mib(path)
        except OSError:
            continue  # it ended meanwhile
    return total


def _pss_mib(path: Path) -> float:
    for line in (path / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
