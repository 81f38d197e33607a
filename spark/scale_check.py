"""The whole project on a Spark cluster and a bucket, on loopback: is every mart right, and what does it cost?

Starts a standalone cluster (one master, two workers of one core) from the PySpark package and the S3 server of the
tests. The demo's lake goes into the bucket, and `tweetbench run` builds from there with Spark, while a worker is
killed. Then made-up worlds of three sizes are built by DuckDB and by the cluster. Every mart of every Spark
build is compared with DuckDB's. Skips with a reason where Java or packages are absent. Prints a table and writes
benchmarks/results/spark_scale.json.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent
sys.path[:0] = [str(REPOSITORY), str(FOLDER)]

from check import install  # noqa: E402
from cluster import Cluster, running_cluster  # noqa: E402
from spark_compare import Outcome, as_table, compare_warehouses  # noqa: E402

MODELS = REPOSITORY / "dbt_project" / "models"
SIZES = {"1x": 625, "4x": 2_500, "16x": 10_000}
DAYS = 30
# The transform step alone: no report, nothing published.
BUILD = """
from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.maintain.rebuild import build_marts
from pipeline.schemas import TABLES
from pipeline.settings import load_settings
settings = load_settings()
settings.make_folders()
warehouse.load_tables(settings, Lake(settings.lake_dir), list(TABLES))
build_marts(settings)
"""
RESULT = REPOSITORY / "benchmarks" / "results" / "spark_scale.json"


def main() -> int:
    """Run what is asked for; 0 if every mart is equal or the check was skipped, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, default=FOLDER / ".venv", help="where PySpark is installed")
    parser.add_argument("--keep", type=Path, help="work in this folder and keep it")
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--demo", type=Path, help="data folder of a demo that is there already")
    parser.add_argument("--no-demo", action="store_true", help="leave out the demo, its bucket and the lost worker")
    options = parser.parse_args()
    if reason := missing(options.environment):
        print(f"skipped: {reason}")
        return 0
    home = Path(options.keep or tempfile.mkdtemp(prefix="tweetbench-scale-")).absolute()
    try:
        return check(home, options)
    finally:
        if not options.keep:
            subprocess.run(["chmod", "-R", "u+w", home], check=False)  # noqa: S603, S607 - versions are sealed
            shutil.rmtree(home, ignore_errors=True)


def missing(environment: Path) -> str:
    """Why the check cannot run here; empty where it can."""
    if shutil.which("java") is None:
        return "Spark needs Java 17 and there is no `java` (Debian: openjdk-17-jre-headless)"
    try:
        import boto3  # noqa: F401
    except ImportError:
        return "the bucket needs boto3: pip install 'tweetbench[s3]'"
    try:
        install(environment)
    except subprocess.CalledProcessError as error:
        return f"PySpark could not be installed: {error}"
    return ""


def check(home: Path, options: argparse.Namespace) -> int:
    """The demo from a bucket, a lost worker, three sizes; the exit code."""
    (packages,) = options.environment.absolute().glob("lib/python3*/site-packages")
    results: dict[str, Any] = {"days": options.days, "cores": os.cpu_count()}
    are_equal = True
    with running_cluster(home / "cluster", packages / "pyspark") as cluster:
        spark = {
            "TWEETBENCH_ENGINE": "spark",
            "TWEETBENCH_SPARK_MASTER": cluster.url,
            "TWEETBENCH_SPARK_PYTHON": str(options.environment.absolute() / "bin" / "python"),
        }
        if not options.no_demo:
            are_equal &= check_demo(home, options.demo, cluster, spark, results)
        for size in options.sizes:
            data = make_world(home / size, SIZES[size], options.days)
            duck = measure(data, {})
            other = home / f"{size}-spark"
            shutil.copytree(data / "lake", other / "lake")
            measured = measure(other, spark, cluster)
            files = [folder / "warehouse" / "build.duckdb" for folder in (data, other)]
            outcomes = compare_warehouses(*files, MODELS)
            are_equal &= all(one.is_equal for one in outcomes)
            results[size] = {**world_rows(data), "duckdb": duck, "spark": measured, **summary(outcomes)}
            print(size, json.dumps(results[size]), flush=True)
            for folder in (data, other):
                subprocess.run(["chmod", "-R", "u+w", folder], check=False)  # noqa: S603, S607
                shutil.rmtree(folder)
    results["all_equal"] = are_equal
    RESULT.write_text(json.dumps(results, indent=1) + "\n")
    print(shown(results))
    return 0 if are_equal else 1


def check_demo(
    home: Path, given: Path | None, cluster: Cluster, spark: Mapping[str, str], results: dict[str, Any]
) -> bool:
    """The demo's lake through a bucket, with a worker that is lost on the way; true if all marts are equal."""
    from tests.lake.s3_server import BUCKET, environment, serve

    demo, copy = given or home / "demo", home / "bucket"
    if not given:
        command({}, "demo", "--folder", str(demo), "--no-open")
    command({"TWEETBENCH_DATA_DIR": str(demo)}, "backup", str(home / "demo.tar"))
    with serve() as store:
        # A part that reads no account: the run asks no platform, and builds what the lake holds.
        bucket = {"TWEETBENCH_LAKE_URL": f"s3://{BUCKET}/demo", "TWEETBENCH_SHARD": "0/2", **environment(store)}
        command({"TWEETBENCH_DATA_DIR": str(copy), **bucket}, "restore", str(home / "demo.tar"))
        shutil.rmtree(copy / "lake")  # what follows comes from the bucket
        losing = threading.Thread(target=lose_worker, args=(cluster, copy))
        losing.start()
        ended = "right"
        try:
            measured = measure(copy, {**spark, **bucket}, cluster, "run")
        except RuntimeError as error:
            # It may fail, but whole: nothing is published, and the next run is right.
            ended = str(error)
            if (copy / "published" / "current").exists():
                raise RuntimeError("a run that failed has published something") from error
            cluster.add_worker()
            measured = measure(copy, {**spark, **bucket}, cluster, "run")
        losing.join()
        cluster.add_worker()
    outcomes = compare(demo, copy)
    print(as_table(outcomes), flush=True)
    results["demo"] = {"run_with_lost_worker": ended, "spark": measured, **summary(outcomes)}
    print("demo", json.dumps(results["demo"]), flush=True)
    return all(one.is_equal for one in outcomes)


def lose_worker(cluster: Cluster, data: Path) -> None:
    """Kill the second worker as soon as models are being built."""
    deadline = time.monotonic() + 1800
    while time.monotonic() < deadline:
        if [*(data / "warehouse" / "spark").glob("*/warehouse/intermediate.db/*/_SUCCESS")]:
            cluster.lose_worker(1)
            print("killed a worker and its executor", flush=True)
            return
        time.sleep(0.2)


def make_world(folder: Path, accounts: int, days: int) -> Path:
    """A data folder with the lake of a made-up world, one commit for each day."""
    from benchmarks.daily_run_input import land_days
    from pipeline.settings import Settings

    settings = Settings(_env_file=None, data_dir=folder)
    settings.make_folders()
    land_days(settings, accounts, days, range(1 - days, 1))
    return folder


def measure(
    data: Path, variables: Mapping[str, str], cluster: Cluster | None = None, *words: str
) -> dict[str, float | int]:
    """One build and what it took, the cluster's processes included."""
    began, spent = time.monotonic(), cluster.cpu_seconds() if cluster else 0.0
    before = os.times()
    given = {"TWEETBENCH_DATA_DIR": str(data), "TWEETBENCH_MEMORY_LIMIT": "2GB", **variables}
    run(given, *(("-m", "pipeline.cli.entry", *words) if words else ("-c", BUILD)))
    after = os.times()
    own = after.children_user + after.children_system - before.children_user - before.children_system
    found: dict[str, float | int] = {"wall_s": round(time.monotonic() - began, 1)}
    found["cpu_s"] = round(own + (cluster.cpu_seconds() - spent if cluster else 0.0), 1)
    facts = data / "dagster" / "last_spark.json"
    if cluster:
        found |= {
            name: value
            for name, value in json.loads(facts.read_text()).items()
            if name in {"load_seconds", "build_seconds", "task_seconds", "shuffle_bytes", "models"}
        }
    return found


def command(variables: Mapping[str, str], *words: str) -> None:
    """Run `tweetbench`."""
    run(variables, "-m", "pipeline.cli.entry", *words)


def run(variables: Mapping[str, str], *words: str) -> None:
    """Run Python with our settings; what it says is shown if it fails.

    Raises:
        RuntimeError: it failed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWEETBENCH_")}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *words],
        cwd=REPOSITORY,
        env={**kept, "OPENBLAS_NUM_THREADS": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)[-100:]} ended with {done.returncode}: {done.stdout}{done.stderr}")


def compare(data: Path, other: Path) -> list[Outcome]:
    """Every mart of two published versions."""
    files = [folder / "published" / "current" / "warehouse.duckdb" for folder in (data, other)]
    return compare_warehouses(*files, MODELS)


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """How the marts compare, in a few figures."""
    return {
        "equal": sum(one.is_equal for one in outcomes),
        "marts": len(outcomes),
        "without_rows": sum(one.is_equal and not one.rows for one in outcomes),
        "ties": sum(one.tied for one in outcomes),
        "widest": max(one.widest for one in outcomes if not one.tied),
        "unequal": [
            f"{one.mart}: {one.problem or one.differing or one.unmatched}" for one in outcomes if not one.is_equal
        ],
    }


def world_rows(data: Path) -> dict[str, int]:
    """Rows of the lake by table."""
    from pipeline.lake import Lake

    lake = Lake(data / "lake")
    count: Callable[[str], int] = lambda table: sum(file.row_count for _, file in lake.files(table))  # noqa: E731
    return {table: count(table) for table in ("accounts", "posts", "post_metrics")}


def shown(results: Mapping[str, Any]) -> str:
    """The sizes side by side, and where the lines would cross."""
    lines = [f"{'':6} {'readings':>10} {'DuckDB wall':>12} {'CPU':>8} {'Spark wall':>12} {'CPU':>8} {'shuffle MB':>11}"]
    points = []
    for size in SIZES:
        if one := results.get(size):
            duck, spark = one["duckdb"], one["spark"]
            lines.append(
                f"{size:6} {one['post_metrics']:>10,} {duck['wall_s']:>12,} {duck['cpu_s']:>8,} {spark['wall_s']:>12,} "
                f"{spark['cpu_s']:>8,} {spark['shuffle_bytes'] / 1e6:>11,.1f}  {one['equal']} of {one['marts']}"
            )
            points.append((one["post_metrics"], duck["cpu_s"], spark["cpu_s"]))
    if len(points) > 1:
        (few, duck_1, spark_1), (many, duck_2, spark_2) = points[0], points[-1]
        slopes = [(duck_2 - duck_1) / (many - few) * 1e6, (spark_2 - spark_1) / (many - few) * 1e6]
        lines.append(f"CPU for a further million readings: {slopes[0]:.1f} s on DuckDB, {slopes[1]:.1f} s on Spark")
        if slopes[0] > slopes[1]:
            crossing = few + (spark_1 - duck_1) / (slopes[0] - slopes[1]) * 1e6
            lines.append(f"the lines of CPU would cross at {crossing / 1e6:,.0f} million readings")
        else:
            lines.append("the lines of CPU do not cross: Spark pays by more cores and machines, not by less work")
    return re.sub(r"[ ]+$", "", "\n".join(lines), flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
