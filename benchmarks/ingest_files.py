"""Files from people through the installed command: ordinary exports against the bound, large ones for their growth.

Every figure is of the whole command with its helper process and the child that reads: wall and CPU seconds, the largest
process, and the largest sum of all of them at one moment. `first` is the first call after the installation was touched,
`again` the median of the others.

    python benchmarks/ingest_files.py                         ordinary files
    python benchmarks/ingest_files.py --rows 250000 1000000   exports of posts of these sizes as well
    python benchmarks/ingest_files.py --profiles 1000000      a table of profiles of this size
    python benchmarks/ingest_files.py --survey 50000 300      a survey of these rows and columns, and the run after it
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ingest_files_input import write_posts, write_profiles, write_survey
from benchmarks.measuring import write_result

COMMAND = Path(sys.executable).parent / "tweetbench"
LIMIT_S, LIMIT_MIB, ROUNDS = 3.0, 300.0, 5
ORDINARY_POSTS, ORDINARY_SURVEY = 2_000, (500, 60)
SECONDS_BETWEEN_LOOKS = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Write the inputs, call the command, print and keep what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[], help="posts of the large exports")
    parser.add_argument("--profiles", type=int, nargs="*", default=[], help="rows of the tables of profiles")
    parser.add_argument("--survey", type=int, nargs=2, metavar=("ROWS", "COLUMNS"), help="a large survey")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-") as scratch:
        folder = Path(scratch)
        found: dict[str, Any] = {"limit": {"ordinary_s": LIMIT_S, "ordinary_mib": LIMIT_MIB}}
        found["ordinary"] = {"posts": _ordinary_posts(folder), "survey": _ordinary_survey(folder)}
        found["large_posts"] = [_large(folder, rows, write_posts) for rows in given.rows]
        found["large_profiles"] = [_large(folder, rows, write_profiles) for rows in given.profiles]
        if given.survey:
            found["large_survey"] = _large_survey(folder, *given.survey)
    sys.stdout.write(f"{write_result('ingest_files', found)}\n")


def _ordinary_posts(folder: Path) -> dict[str, Any]:
    file = folder / "tweet_activity_metrics_brand_20210101_20210201_en.csv"
    write_posts(file, ORDINARY_POSTS)
    return {"rows": ORDINARY_POSTS, **_rounds(folder, file)}


def _ordinary_survey(folder: Path) -> dict[str, Any]:
    file = folder / "ordinary.csv"
    rows, columns = ORDINARY_SURVEY
    write_survey(file, rows, columns)
    return {"rows": rows, "columns": columns, **_rounds(folder, file, is_survey=True)}


def _rounds(folder: Path, file: Path, *, is_survey: bool = False) -> dict[str, Any]:
    measured = []
    for number in range(ROUNDS):
        data = folder / f"data-{number}"
        if is_survey:
            _call(data, "survey", "inspect", str(file))
        measured.append(_call(data, "ingest", str(file)))
        shutil.rmtree(data)
    again = {name: round(statistics.median(each[name] for each in measured[1:]), 2) for name in measured[0]}
    return {"megabytes": round(file.stat().st_size / 1e6, 2), "first": measured[0], "again": again}


def _large(folder: Path, rows: int, write: Callable[[Path, int], None]) -> dict[str, Any]:
    file, data = folder / f"large_{rows}.csv", folder / "large"
    write(file, rows)
    measured = _call(data, "ingest", str(file))
    size = file.stat().st_size
    shutil.rmtree(data)
    file.unlink()
    return {"rows": rows, "megabytes": round(size / 1e6, 1), **measured}


def _large_survey(folder: Path, rows: int, columns: int) -> dict[str, Any]:
    file, small, data = folder / "survey.csv", folder / "survey_small.csv", folder / "large"
    write_survey(file, rows, columns)
    write_survey(small, 1_000, columns)
    _call(data, "survey", "inspect", str(small), "--id", "large")
    steps = {"ingest": _call(data, "ingest", str(file)), "run": _call(data, "run")}
    return {"rows": rows, "columns": columns, "megabytes": round(file.stat().st_size / 1e6, 1), **steps}


def _call(data_dir: Path, *arguments: str) -> dict[str, float]:
    """What one call of the command took, its descendants included.

    Raises:
        RuntimeError: it failed; the message has its last words.
    """
    environment = {**os.environ, "TWEETBENCH_DATA_DIR": str(data_dir)}
    started, most = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([COMMAND, *arguments], stdout=said, stderr=said, env=environment)  # noqa: S603
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            most = max(most, _resident(process.pid))
            time.sleep(SECONDS_BETWEEN_LOOKS)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {said.read()[-500:]}")
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "largest_process_mib": round(usage.ru_maxrss / 1024, 1),
        "all_processes_mib": round(most / 2**20, 1),
    }


def _resident(root: int) -> int:
    """Bytes of memory of a process and of all that descend from it; pages that a fork shares count twice."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _fields(entry)
        if len(fields) > 1:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting, total = [root], 0
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        fields = _fields(Path("/proc") / str(process))
        total += int(fields[21]) * PAGE if len(fields) > 21 else 0
    return total


def _fields(entry: Path) -> Sequence[str]:
    """The fields of a process behind its name, which may hold blanks: state, parent, ...; none if it has ended."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ()


if __name__ == "__main__":
    main()
