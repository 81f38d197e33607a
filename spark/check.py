"""Build the models with Apache Spark over the lake of a finished run, and compare every mart with DuckDB's.

Needs Java 17 and an environment of its own (requirements.lock and requirements.txt), which is made once next to this
file. It reads the lake and a copy of the build warehouse and writes in a temporary folder only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER)]

from spark_compare import as_table, compare_marts  # noqa: E402

REPOSITORY = FOLDER.parent


def main() -> int:
    """Run the check; 0 if all marts are equal, 1 if not, 78 if something that it needs is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, default=FOLDER / ".venv", help="where PySpark is installed")
    parser.add_argument("--keep", type=Path, help="work in this folder and keep it")
    options = parser.parse_args()
    source = Path(os.environ.get("TWEETBENCH_DATA_DIR") or REPOSITORY / "data" / "demo").absolute()
    if not (source / "warehouse" / "build.duckdb").exists():
        print(f"no warehouse in {source}; next: make demo")
        return 78
    if shutil.which("java") is None:
        print("Spark needs Java 17 and there is no `java`; next: install it (Debian: openjdk-17-jre-headless)")
        return 78
    install(options.environment)
    home = Path(options.keep or tempfile.mkdtemp(prefix="tweetbench-spark-")).absolute()
    home.mkdir(parents=True, exist_ok=True)
    try:
        return check(source, home, options.environment.absolute())
    finally:
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)


def install(environment: Path) -> None:
    """Create Spark's own environment once: what the project needs, and PySpark with dbt-spark."""
    if (environment / "bin" / "spark-submit").exists():
        return
    print(f"installing PySpark into {environment} (once, some 2 GB)")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)  # noqa: S603
    pip = [environment / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    for requirements in (REPOSITORY / "requirements.lock", FOLDER / "requirements.txt"):
        subprocess.run([*pip, "-r", requirements], check=True)  # noqa: S603


def check(source: Path, home: Path, environment: Path) -> int:
    """Build with Spark, compare, print; the exit code."""
    words = [FOLDER / "spark_build.py", "--lake", source / "lake", "--home", home]
    # Python workers of Spark must be the interpreter that starts it.
    python = str(environment / "bin" / "python")
    variables = {**os.environ, "PYSPARK_PYTHON": python, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    built = subprocess.run([python, *words], cwd=home, env=variables, check=False)  # noqa: S603
    if not (home / "build.json").exists():
        print("Spark could not be started or could not read the lake: see above")
        return 1
    facts = json.loads((home / "build.json").read_text())
    warehouse = home / "build.duckdb"
    shutil.copy(source / "warehouse" / "build.duckdb", warehouse)
    models = REPOSITORY / "dbt_project" / "models"
    outcomes = compare_marts(warehouse, home / "warehouse" / "marts.db", models)
    print(as_table(outcomes))
    print(f"{facts['models']} models in {facts['build_seconds']} s, the lake in {facts['load_seconds']} s before them")
    for words in facts["failed"]:
        print(words)
    return 0 if built.returncode == 0 and all(one.is_equal for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
