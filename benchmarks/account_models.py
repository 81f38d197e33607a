"""A year of 2,500, 5,000 and 10,000 accounts through every dbt model of ratios, engagement, retention and churn.

`python benchmarks/account_models.py [--accounts 2500 5000 10000] [--posts 52] [--memory 2GB]`. Each size is one dbt
process on a fresh warehouse with made-up raw tables, on two threads: the models of the subject and everything that they
are made from. Writes results/account_models.json: seconds by model, wall and CPU time, peak memory, and what doubling
the accounts costs.
"""

import argparse
import json
import os
import resource
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.account_models_input import fill_raw_tables
from benchmarks.measuring import SCRATCH, run_process, write_result
from pipeline import warehouse
from pipeline.settings import Settings
from pipeline.transform.dbt import GOOD, invoke_dbt
from pipeline.transform.project import dbt_environment, dbt_locations
from pipeline.warehouse.raw_tables import create_raw_tables

# Made for every subject and not for this one; their time is part of the whole and not of `subject_models_s`.
SHARED = frozenset(
    {
        "int_account_sightings",
        "int_account_holders",
        "int_account_identities",
        "int_account_snapshots_daily",
        "int_account_days_reported",
        "int_post_versions",
        "int_posts",
        "int_post_metrics_latest",
        "int_post_periods_covered",
        "accounts",
    }
)
MARTS = (
    "marts.ratios",
    "marts.engagement",
    "account_retention",
    "account_retention_measures",
    "post_ages",
)


def settings_for(folder: Path, memory: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, threads=2, memory_limit=memory)


def prepare(folder: Path, account_count: int, post_count: int) -> dict[str, int]:
    """A warehouse with filled raw tables."""
    settings = settings_for(folder, "4GB")
    settings.make_folders()
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        return fill_raw_tables(connection, account_count, post_count)


def build(folder: Path, memory: str) -> dict[str, Any]:
    """Run the models once; seconds from the first model to the last, and by model.

    Raises:
        RuntimeError: a model failed.
    """
    settings = settings_for(folder, memory)
    os.environ.update(dbt_environment(settings))
    selection = ["--select", "resource_type:seed", *(f"+{name}" for name in MARTS)]
    no_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    results = invoke_dbt(["--quiet", "build", "--full-refresh", *no_tests, *selection, *dbt_locations(settings)])
    failed = [f"{result.node.name}: {result.message}" for result in results if result.status not in GOOD]
    if failed:
        raise RuntimeError("; ".join(failed))
    starts = [timing.started_at for result in results for timing in result.timing if timing.started_at]
    ends = [timing.completed_at for result in results for timing in result.timing if timing.completed_at]
    seconds = {result.node.name: round(result.execution_time, 2) for result in results}
    subject = [value for name, value in seconds.items() if name not in SHARED and not name.startswith("stg_")]
    return {
        "model_count": sum(result.node.resource_type == "model" for result in results),
        "models_wall_s": round((max(ends) - min(starts)).total_seconds(), 2),
        # Two models run at a time, so the sum of their seconds is more than what a person waits.
        "subject_models_s": round(sum(subject), 2),
        "slowest_models_s": dict(sorted(seconds.items(), key=lambda pair: -pair[1])[:12]),
    }


def measure(account_count: int, post_count: int, memory: str) -> dict[str, Any]:
    """One size of world."""
    folder = SCRATCH / f"account-models-{account_count}"
    shutil.rmtree(folder, ignore_errors=True)
    script = str(Path(__file__).resolve())
    arguments = [str(folder), str(account_count), str(post_count), memory]
    _, prepared = run_process([sys.executable, script, "prepare", *arguments])
    took, report = run_process([sys.executable, script, "build", *arguments])
    shutil.rmtree(folder)
    size = {
        "accounts": account_count,
        "raw_rows": prepared["rows"],
        "process_wall_s": took.wall_s,
        "process_cpu_s": took.cpu_s,
        "peak_mib": report.pop("peak_mib"),
        **report,
    }
    print(json.dumps(size), flush=True)
    return size


def growth(sizes: list[dict[str, Any]]) -> list[dict[str, float]]:
    """What each step up costs: times the accounts, times the seconds."""
    return [
        {
            "accounts": round(large["accounts"] / small["accounts"], 2),
            "models_wall": round(large["models_wall_s"] / small["models_wall_s"], 2),
            "process_cpu": round(large["process_cpu_s"] / small["process_cpu_s"], 2),
        }
        for small, large in pairwise(sizes)
    ]


def run_step(step: str, folder: Path, account_count: int, post_count: int, memory: str) -> None:
    """One process of the measurement; its figures are the last line of its output."""
    report = {"rows": prepare(folder, account_count, post_count)} if step == "prepare" else build(folder, memory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**report, "peak_mib": round(peak, 1)}))


def main() -> None:
    if len(sys.argv) == 6 and sys.argv[1] in {"prepare", "build"}:
        step, folder, accounts, posts, memory = sys.argv[1:]
        run_step(step, Path(folder), int(accounts), int(posts), memory)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[2_500, 5_000, 10_000])
    parser.add_argument("--posts", type=int, default=52, help="posts of each account in the year")
    parser.add_argument("--memory", default="2GB", help="DuckDB's memory limit")
    options = parser.parse_args()
    sizes = [measure(count, options.posts, options.memory) for count in options.accounts]
    setup = {"days": 365, "posts_per_account": options.posts, "threads": 2, "memory_limit": options.memory}
    path = write_result("account_models", {"setup": setup, "sizes": sizes, "growth": growth(sizes)})
    print(f"written: {path.relative_to(SCRATCH.parents[1])}")


if __name__ == "__main__":
    main()
