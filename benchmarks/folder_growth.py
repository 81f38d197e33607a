"""How far a data folder grows by many small runs, some of them killed: the build file, Dagster's history, versions.

Each run finds one small table of profiles in the inbox; every third run is killed at a drawn moment of its work and
followed by the next. What the lake keeps grows with the data; everything else must stop growing.

    python benchmarks/folder_growth.py                30 runs, of which the logs of 5 are kept
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import write_result
from pipeline.orchestration.running import run_job
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.settings import Settings
from tests.guarantees.crash_worker import import_what_runs_import
from tests.parsed import share_parsed_project

START = datetime(2026, 1, 5, 6, 17, tzinfo=UTC)
ACCOUNTS, RUNS, RUNS_KEPT, KILLED_EVERY, SEED = 12, 30, 5, 3, 7
HEADER = "platform,account_id,handle,captured_at,follower_count,following_count"
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Make the runs, print and keep the sizes after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    count = parser.parse_args().runs
    drawn = random.Random(SEED)  # noqa: S311
    sizes: list[dict[str, Any]] = []
    longest = 0.0
    with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
        settings = Settings(_env_file=None, data_dir=Path(scratch) / "data", settle_seconds=0, runs_kept=RUNS_KEPT)
        settings.make_folders()
        share_parsed_project(settings.data_dir)
        for number in range(count):
            _drop(settings, number, drawn)
            is_killed = number % KILLED_EVERY == KILLED_EVERY - 1
            worked = _run(settings, number, longest * drawn.random() if is_killed else None)
            longest = max(longest, worked)
            sizes.append({"run": number + 1, "killed": is_killed, **_megabytes(settings)})
            sys.stdout.write(f"{sizes[-1]}\n")
            sys.stdout.flush()
    found = {"runs": count, "runs_kept": RUNS_KEPT, "versions_kept": settings.versions_kept, "sizes_mb": sizes}
    sys.stdout.write(f"{write_result('folder_growth', found)}\n")


def _drop(settings: Settings, number: int, drawn: random.Random) -> None:
    day = f"{START + timedelta(days=number):%Y-%m-%d}"
    rows = [f"x,{100 + at},shop{at},{day},{1_000 + drawn.randrange(500)},{300 + at}" for at in range(ACCOUNTS)]
    (settings.inbox_dir / f"profiles_{number}.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def _run(settings: Settings, number: int, killed_after: float | None) -> float:
    """One run in a process of its own; the seconds that it worked. Ends with an error if a whole one fails."""
    import_what_runs_import(_modules(settings))
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.environ[NOW_VARIABLE] = (START + timedelta(days=number, minutes=1)).isoformat()
        code = 1
        try:
            run_job(settings, only=[], on_progress=lambda _: None)
            _modules(settings).write_text("\n".join(sorted(sys.modules)))
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    while killed_after is not None and _seconds(pid) < killed_after:
        time.sleep(0.02)
    if killed_after is not None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    if killed_after is None and status:
        raise SystemExit(f"run {number + 1} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def _modules(settings: Settings) -> Path:
    return settings.data_dir.with_name("modules.txt")


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return float("inf") if fields[0] == "Z" else sum(map(int, fields[11:13])) / TICKS


def _megabytes(settings: Settings) -> dict[str, float]:
    tops = {path.name: path for path in settings.data_dir.iterdir() if path.is_dir()}
    sizes = {"build_file": settings.warehouse_file, **{name: tops[name] for name in ("dagster", "published", "lake")}}
    everything = {name: _size(path) for name, path in sizes.items()}
    return {**everything, "all": _size(settings.data_dir)}


def _size(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(each.stat().st_size for each in files if each.is_file() and not each.is_symlink()) / 1e6, 2)


if __name__ == "__main__":
    main()
