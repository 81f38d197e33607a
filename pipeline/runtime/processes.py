"""Starting processes of our own, and telling whether one that once wrote down its mark still lives.

A process id alone is used again after a crash, so the mark also carries the machine's boot and the moment at which the
process started.
"""

import os
import sys
from pathlib import Path

PROC = Path("/proc")


def own_module(module: str, *arguments: str) -> list[str]:
    """Command that runs a module of ours in another process.

    With -P: else Python puts the current folder first on its path, and a file there could take a module's place.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def process_mark(pid: int | None = None) -> str:
    """Mark of a running process (by default this one): boot, process id, start time; empty if there is none."""
    chosen = os.getpid() if pid is None else pid
    started = _started(chosen)
    return f"{_boot()} {chosen} {started}" if started else ""


def is_running(mark: str) -> bool:
    """Whether the process of this mark still runs; False for a mark that says nothing."""
    parts = mark.split(" ")
    if len(parts) != 3 or not parts[1].isdecimal():
        return False
    return process_mark(int(parts[1])) == mark


def marked_pid(mark: str) -> int:
    """The process id in a mark that `is_running` called alive."""
    return int(mark.split(" ")[1])


def descendants(pid: int | None = None) -> list[int]:
    """Processes that this one (or another) started, and theirs; none where the system does not tell."""
    parents: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            parents[int(folder.name)] = int(fields[1])
    found = [os.getpid() if pid is None else pid]
    for parent in found:  # grows while it is walked
        found += [child for child, its_parent in parents.items() if its_parent == parent]
    return found[1:]


def _boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def _started(pid: int) -> str:
    """Start time in clock ticks since boot, "0" where the system does not tell, "" if the process is gone."""
    if not (PROC / "self/stat").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            return "0"
        return "0"
    fields = _stat(pid)
    return fields[19] if fields else ""


def _stat(pid: int) -> list[str]:
    """Fields of a live process from its state on; empty if it is gone or only waits to be counted as ended."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    # The program's name may hold spaces and brackets: fields are counted from the last bracket.
    fields = text.rpartition(")")[2].split()
    return [] if fields[0] in {"Z", "X"} else fields
