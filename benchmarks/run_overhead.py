"""What a run costs when nothing is new: `tweetbench run`, `run --full` and bare `dbt build` on one warehouse, in turn.

Makes its own data folder from the demo world, runs it once, then measures whole processes. "Own code" is every step of
the full run that is not dbt: reading the inbox, loading raw tables, publishing; from Dagster's event log.

    python benchmarks/run_overhead.py [--rounds 5]
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import SCRATCH, describe_machine, spread, write_result
from pipeline.lake import Lake
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.simulate.demo import drop_files, land_history
from pipeline.simulate.world import World

BIN = Path(sys.executable).parent
DATA_DIR = SCRATCH / "run_overhead"


def main() -> None:
    """Measure and write the result."""
    rounds = _rounds()
    settings = Settings(_env_file=None, data_dir=DATA_DIR, is_demo=True, settle_seconds=0)
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    settings.make_folders()
    world = World()
    drop_files(settings, world, world.end)
    land_history(Lake(settings.lake_dir), world, world.end)
    environment = {**os.environ, "TWEETBENCH_DATA_DIR": str(DATA_DIR), "TWEETBENCH_SETTLE_SECONDS": "0"}
    run = [str(BIN / "tweetbench"), "run", "--json"]
    dbt = [str(BIN / "dbt"), "--quiet", "build", "--exclude-resource-type", "unit_test"]
    dbt += ["--project-dir", str(PROJECT_DIR / "dbt_project"), "--profiles-dir", str(PROJECT_DIR / "dbt_project")]
    dbt += ["--target-path", str(DATA_DIR / "target"), "--log-path", str(DATA_DIR / "target")]
    commands = {"run_unchanged": run, "bare_dbt_build": dbt, "run_full": [*run, "--full"]}
    for command in commands.values():
        _seconds(command, environment)  # the first run loads and parses; all are warm afterwards
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds[name].append(_seconds(command, environment))
    full_to_dbt = [full / bare for full, bare in zip(seconds["run_full"], seconds["bare_dbt_build"], strict=True)]
    result = {
        "rounds": rounds,
        "wall_s": {name: spread(values) for name, values in seconds.items()},
        "ratio_full_run_to_bare_dbt_build": spread(full_to_dbt),
        "own_code_of_full_run_s": round(_own_seconds(settings), 2),
        "peak_mib_of_all": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "machine": describe_machine(),
    }
    sys.stdout.write(f"{write_result('run_overhead', result)}\n{result}\n")
    shutil.rmtree(DATA_DIR)


def _rounds() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    return int(parser.parse_args().rounds)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.monotonic()
    done = subprocess.run(command, env=environment, cwd=DATA_DIR, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def _own_seconds(settings: Settings) -> float:
    """Seconds that the last run spent in steps other than dbt's."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as instance:
        (run,) = instance.get_runs(limit=1)
        steps = instance.get_run_step_stats(run.run_id)
    return sum(step.end_time - step.start_time for step in steps if step.step_key != "dbt_build")


if __name__ == "__main__":
    main()
