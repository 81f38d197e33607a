"""Build the models of dbt_project with Spark: run by check.py in the environment that has PySpark."""

import argparse
import json
import logging
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent / "dbt_project"
sys.path[:0] = [str(FOLDER.parent), str(FOLDER)]

import spark_python  # noqa: E402
import spark_tables  # noqa: E402
from dbt.cli.main import dbtRunner  # noqa: E402

from pipeline.lake import Lake  # noqa: E402


def main() -> int:
    """Load the lake, build the models; 0 if every one of them was built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    parser.add_argument("--home", type=Path, required=True, help="where everything that Spark and dbt write goes")
    parser.add_argument("--select", nargs="*", help="models, in dbt's words; without it all of them")
    options = parser.parse_args()
    # Spark logs the whole Java stack of every error a second time.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    started = time.monotonic()
    session = spark_tables.start_session(options.home)
    spark_python.install()
    rows = spark_tables.load_raw(session, Lake(options.lake))
    seeds = spark_tables.load_seeds(session, PROJECT / "seeds")
    loaded = time.monotonic()
    selected = ["--select", *options.select] if options.select else []
    outcome = dbtRunner().invoke(["run", *selected, *locations(options.home), "--target", "spark"])
    results = outcome.result.results if outcome.result else []
    failed = [f"{one.node.name}: {one.message}" for one in results if one.status not in ("success", "skipped")]
    facts = {
        "raw_rows": rows,
        "seeds": len(seeds),
        "models": len(results),
        "failed": failed,
        "load_seconds": round(loaded - started, 1),
        "build_seconds": round(time.monotonic() - loaded, 1),
        "seconds_by_model": {one.node.name: round(one.execution_time, 2) for one in results},
    }
    (options.home / "build.json").write_text(json.dumps(facts, indent=1))
    session.stop()
    return 0 if outcome.success else 1


def locations(home: Path) -> list[str]:
    """Arguments that keep everything dbt writes in the check's folder."""
    places = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": home / "dbt",
        "--log-path": home / "log",
    }
    return [str(word) for pair in places.items() for word in pair]


if __name__ == "__main__":
    sys.exit(main())
