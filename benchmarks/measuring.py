"""What the extraction benchmarks share: one measured process, spreads of ratios, the machine, the result file."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).resolve().parent
SCRATCH, RESULTS = FOLDER / "scratch", FOLDER / "results"
PACKAGES = ("duckdb", "orjson", "pyarrow", "requests", "tweepy")


@dataclass(frozen=True)
class Measure:
    """One whole process: seconds of wall and CPU time from its start to its end, peak memory in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run_process(command: Sequence[str]) -> tuple[Measure, dict[str, Any]]:
    """Run a command to its end; what it took, and the JSON object on the last line of its output.

    Raises:
        RuntimeError: it failed; the message has its last words.
    """
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own scripts
        words = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {words[-500:]}")
    report = json.loads(words.splitlines()[-1])
    return Measure(round(wall, 3), round(usage.ru_utime + usage.ru_stime, 3), report["peak_mib"]), report


def spread(values: Sequence[float]) -> dict[str, float]:
    """Least, middle and greatest value."""
    return {"min": round(min(values), 3), "median": round(median(values), 3), "max": round(max(values), 3)}


def ratios(ours: Sequence[Measure], theirs: Sequence[Measure]) -> dict[str, dict[str, float]]:
    """Ours over theirs, round by round, for wall time, CPU time and peak memory."""
    return {
        name: spread([getattr(a, name) / getattr(b, name) for a, b in zip(ours, theirs, strict=True)])
        for name in ("wall_s", "cpu_s", "peak_mib")
    }


def describe_machine() -> dict[str, Any]:
    """Processor, cores, memory and versions, without the machine's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.split()[1]) / 1024**2, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_average_at_end": [round(value, 2) for value in os.getloadavg()],
    }


def write_result(name: str, result: Mapping[str, Any]) -> Path:
    """Write a result with the machine it was measured on; its path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**result, "machine": describe_machine()}, indent=2) + "\n")
    return path
