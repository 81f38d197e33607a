"""Build all models of dbt_project with Spark: run by check.py in the environment that has PySpark."""

import argparse
import json
import logging
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER)]

import spark_python  # noqa: E402

from pipeline.lake import Lake  # noqa: E402
from pipeline.schemas import TABLES  # noqa: E402
from pipeline.transform.spark import session as spark  # noqa: E402
from pipeline.transform.spark.driver import Job, build  # noqa: E402

MASTER = "local[2]"


def main() -> int:
    """Load the lake, build the models; 0 if every one of them was built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    parser.add_argument("--home", type=Path, required=True, help="where everything that Spark and dbt write goes")
    parser.add_argument("--select", nargs="*", default=[], help="models, in dbt's words; without it all of them")
    options = parser.parse_args()
    # Spark logs the whole Java stack of every error a second time.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    lake = Lake(options.lake)
    raw = {
        table: [(str(lake.path(file)), commit.sequence, file.row_count) for commit, file in lake.files(table)]
        for table in TABLES
    }
    session = spark.start_session(options.home, MASTER, sum(rows for files in raw.values() for _, _, rows in files))
    spark_python.install()
    result = build(session, options.home, Job(MASTER, raw, options.select))
    (options.home / "build.json").write_text(json.dumps(result, indent=1))
    session.stop()
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
