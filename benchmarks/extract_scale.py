"""Ten thousand accounts and fifty thousand new posts a day, read from the loopback platform with time compressed.

`python benchmarks/extract_scale.py [--accounts 2500 5000 10000] [--days 2]`. The world's past is landed in bulk; then
each day is one extraction in a process of its own. Waiting costs no time: client and server share an offset that
sleeping moves. Writes results/extract_scale.json: requests by window, peak memory, and the bill against the plan.
"""

import argparse
import json
import mmap
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extract_contenders import peak_mib
from benchmarks.measuring import SCRATCH, run_process, write_result
from pipeline.lake import Lake
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.history import newest_landed_ids, post_rows
from pipeline.simulate.limits import LIMITS, WINDOW
from pipeline.simulate.server import serve
from pipeline.simulate.world import World
from pipeline.sources.api.run import ApiRun
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.extraction import extract
from pipeline.sources.x_api.run_plan import plan_run

TOKEN = "benchmark-token-of-loopback"  # noqa: S105 - opens nothing but the loopback server
# Nine times the demo's posts: five a day and account.
POST_RATE_SCALE, HISTORY_DAYS = 9.0, 9
FIRST_LIVE = datetime(2025, 9, 1, tzinfo=UTC) + timedelta(days=HISTORY_DAYS)
LAST_RUN = FIRST_LIVE - timedelta(days=1)
OFFSET_FILE = SCRATCH / "skipped-seconds"


def open_time() -> tuple[Callable[[], float], Callable[[float], None]]:
    """A monotonic clock and a sleep that moves it at once, in every process that opened them."""
    with OFFSET_FILE.open("r+b") as stream:
        shared = mmap.mmap(stream.fileno(), 8)

    def skipped() -> float:
        return float(struct.unpack("d", shared[:8])[0])

    def sleep(seconds: float) -> None:
        shared[:8] = struct.pack("d", skipped() + seconds)

    return (lambda: time.monotonic() + skipped()), sleep


def make_world(account_count: int, days: int) -> World:
    return World(3, account_count, HISTORY_DAYS + days + 1, date(2025, 9, 1), post_rate_scale=POST_RATE_SCALE)


def registry(world: World) -> list[dict[str, str]]:
    """Every account by its id, as a registry of long standing has them."""
    return [{"platform": "x", "account_id": account_id} for account_id in world.cast.account_ids]


def land_history(lake: Lake, world: World) -> None:
    """Posts of the past as daily runs would have captured them, and the bookmarks that those would have left."""
    for number in range(HISTORY_DAYS):
        day = world.calendar.first_day + timedelta(days=number)
        end = min(datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC), LAST_RUN)
        lake.commit({"posts": list(post_rows(world, day, day))}, source=NAME, run_id=f"past-{number}", now=end)
    newest = newest_landed_ids(world, (FIRST_LIVE - timedelta(days=1)).date())
    marks = {
        f"timeline:{account}": {"high": post, "settled_at": LAST_RUN.isoformat()} for account, post in newest.items()
    }
    lake.commit({}, source=NAME, run_id="past-marks", now=LAST_RUN, state=marks)


def run_server(account_count: int, days: int) -> None:
    """Serve until stopped; the first line of output is the base URL."""
    monotonic, _ = open_time()
    with serve(make_world(account_count, days), clock=DemoClock(FIRST_LIVE, monotonic), token=TOKEN) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


def prepare(account_count: int, days: int, folder: Path) -> None:
    """Land the past and write the registry, so that no extraction has to hold a world."""
    world = make_world(account_count, days)
    land_history(Lake(folder / "lake"), world)
    (folder / "registry.json").write_text(json.dumps(registry(world)))


def run_step(step: str, number: int, base_url: str, folder: Path) -> dict[str, Any]:
    """Plan or extract one day; what it came to."""
    lake, now = Lake(folder / "lake"), FIRST_LIVE + timedelta(days=number)
    rows = json.loads((folder / "registry.json").read_text())
    config = XApiConfig(bearer_token=SecretStr(TOKEN), base_url=base_url, max_usd=1e6, time_budget_seconds=86_400.0)
    if step == "plan":
        plan = plan_run(config, lake, rows, now=now)
        return {"usd": round(plan.usd, 3), "request_count": plan.request_count, "resource_count": plan.resource_count}
    monotonic, sleep = open_time()
    real, felt = time.monotonic(), monotonic()
    result = extract(config, lake, rows, ApiRun(f"day-{number}", now, sleep, monotonic))
    return {
        "real_s": round(time.monotonic() - real, 1),
        "felt_s": round(monotonic() - felt, 1),
        "request_count": result.request_count,
        "resource_count": result.resource_count,
        "row_counts": dict(result.row_counts),
        "usd": round(result.usd, 3),
        "partial_reason": result.partial_reason,
    }


def windows(log: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By endpoint: requests in all, the most in one 15-minute window, the documented limit, and refusals."""
    found: dict[str, dict[str, Any]] = {}
    opened: dict[str, datetime] = {}
    used: dict[str, int] = {}
    for entry in log:
        route, at = entry["route"], datetime.fromisoformat(entry["at"])
        if route not in opened or not opened[route] <= at < opened[route] + WINDOW:
            opened[route], used[route] = at, 0
        used[route] += 1
        line = found.setdefault(route, {"requests": 0, "most_in_a_window": 0, "limit": LIMITS[route][0], "refused": 0})
        line["requests"] += 1
        line["refused"] += entry["status"] == 429
        line["most_in_a_window"] = max(line["most_in_a_window"], used[route])
    return found


def measure(account_count: int, days: int) -> dict[str, Any]:
    """Some days of one size of world."""
    folder = SCRATCH / f"scale-{account_count}"
    shutil.rmtree(folder, ignore_errors=True)
    SCRATCH.mkdir(exist_ok=True)
    OFFSET_FILE.write_bytes(struct.pack("d", 0.0))
    script, size = str(Path(__file__).resolve()), [str(account_count), str(days)]
    command = [sys.executable, script, "serve", *size]
    with subprocess.Popen(  # noqa: S603 - this very script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        base_url = server.stdout.readline().strip() if server.stdout else ""
        run_process([sys.executable, script, "prepare", *size, base_url, "0", str(folder)])
        day_steps = []
        for number in range(days):
            now = FIRST_LIVE + timedelta(days=number)
            requests.post(f"{base_url}/__admin/clock", json={"now": now.isoformat()}, timeout=30)
            steps = {}
            for step in ("plan", "extract"):
                took, said = run_process([sys.executable, script, step, *size, base_url, str(number), str(folder)])
                steps[step] = {**said, "cpu_s": took.cpu_s}
                print(account_count, step, steps[step], flush=True)
            day_steps.append(steps)
        log = requests.get(f"{base_url}/__admin/log", timeout=600).json()
        billing = requests.get(f"{base_url}/__admin/billing", timeout=600).json()
        server.terminate()
    shutil.rmtree(folder)
    billed = [billing[day]["usd"] for day in sorted(billing)]
    return {"accounts": account_count, "days": day_steps, "billed_usd": billed, "windows": windows(log)}


def main() -> None:
    step = sys.argv[1] if len(sys.argv) > 1 else ""
    if step == "serve":
        run_server(*map(int, sys.argv[2:4]))
        return
    if step in {"prepare", "plan", "extract"}:
        count, days, base_url, number, folder = sys.argv[2:]
        if step == "prepare":
            prepare(int(count), int(days), Path(folder))
        said = {} if step == "prepare" else run_step(step, int(number), base_url, Path(folder))
        print(json.dumps({**said, "peak_mib": round(peak_mib(), 1)}))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[2_500, 5_000, 10_000])
    parser.add_argument("--days", type=int, default=2)
    options = parser.parse_args()
    sizes = [measure(count, options.days) for count in options.accounts]
    path = write_result("extract_scale", {"post_rate_scale": POST_RATE_SCALE, "sizes": sizes})
    print(f"written: {path.relative_to(SCRATCH.parents[1])}")


if __name__ == "__main__":
    main()
