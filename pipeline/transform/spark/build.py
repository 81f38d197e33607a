"""Starts Spark for the models that it builds, waits, and hands their tables to dbt on DuckDB; or says why it cannot.

Its folder lies in the data folder, because the workers of a cluster read and write there, and goes at the end.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.failures import explain_refusal
from pipeline.runtime.files import replace_text
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.transform.spark.driver import PACKAGES, RESULT, Job, write_job
from pipeline.transform.spark.selection import select_heavy

OLDEST_JAVA = 17
CONNECT_SECONDS = 5.0
PATTERN = r"[][{}*\\]"
REPEAT = "then repeat the command; or build without Spark: TWEETBENCH_ENGINE=duckdb"


@dataclass(frozen=True)
class SparkTables:
    """What Spark has built: Parquet files below `folder`, rows by table as schema.name, and what it took."""

    folder: Path
    tables: dict[str, int]
    facts: dict[str, Any]

    @property
    def dbt_arguments(self) -> tuple[str, ...]:
        """What dbt on DuckDB receives, to load these tables in place of making them (engine_tables.sql)."""
        # Each file by name: a pattern would read a bracket in the path of the data folder as one of its own.
        built = {table: [str(file) for file in self.files(table)] for table in sorted(self.tables)}
        return ("--vars", json.dumps({"built_by_spark": built}))

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a table."""
        schema, _, name = table.partition(".")
        return sorted((self.folder / f"{schema}.db" / name).glob("*.parquet"))

    def __str__(self) -> str:
        facts, rows = self.facts, sum(self.tables.values())
        spent = f"{facts['task_seconds']:.0f} s of tasks, {facts['shuffle_bytes'] / 1e6:,.1f} MB of shuffle"
        took = f"read the lake in {facts['load_seconds']:.0f} s and built in {facts['build_seconds']:.0f} s"
        return f"Spark built {facts['models']} models, {rows:,} rows in {len(self.tables)} tables: {took}; {spent}"


@contextmanager
def tables_by_spark(settings: Settings, lake: Lake, manifest: Mapping[str, Any]) -> Iterator[SparkTables]:
    """The heavy models, built by Spark from the rows that the warehouse has loaded; their files go after the block.

    Raises:
        TweetbenchError: Java, Spark or the cluster is missing, or a model failed; nothing is changed.
    """
    java = require_spark(settings)
    python = settings.spark_python or Path(sys.executable)
    root = spark_folder(settings)
    shutil.rmtree(root, ignore_errors=True)  # of a run that was killed
    folder = root / secrets.token_hex(4)
    folder.mkdir(mode=0o700, parents=True)
    try:
        selection = select_heavy(manifest)
        raw = {table: lake_files(settings, lake, table) for table in selection.raw_tables}
        write_job(folder, Job(settings.spark_master, raw, list(selection.models), list(selection.seeds)))
        failpoint("spark.started")
        result = run_driver(folder, [str(python), "-P", "-m", "pipeline.transform.spark.driver"], settings, java)
        failpoint("spark.built")
        tables = SparkTables(folder / "warehouse", result["tables"], result)
        require_whole(tables)
        yield tables
    finally:
        shutil.rmtree(root, ignore_errors=True)


def spark_folder(settings: Settings) -> Path:
    """Where Spark works; nothing in it outlives the build."""
    return settings.warehouse_file.parent / "spark"


def lake_files(settings: Settings, lake: Lake, table: str) -> list[tuple[str, int, int]]:
    """Files of a raw table whose rows the warehouse holds, so that both engines start from the same rows."""
    query = "select path from raw.lake_files where table_name = ?"
    with warehouse.connect(settings, read_only=True) as connection:
        loaded = {path for (path,) in connection.execute(query, [table]).fetchall()}
    return [
        (str(lake.path(file)), commit.sequence, file.row_count)
        for commit, file in lake.files(table)
        if file.path in loaded
    ]


def require_spark(settings: Settings) -> str:
    """The folder of the Java to use, empty for the one on the path, if all that a build needs is there.

    Raises:
        TweetbenchError: Java, the packages or the master are missing, or the data folder's path is none for Spark.
    """
    if re.search(PATTERN, str(settings.data_dir)):
        raise TweetbenchError(
            "Spark cannot work in this data folder",
            where=str(settings.data_dir),
            why="it reads brackets, braces and stars in the path of a table as a pattern",
            next_step=f"move it to a path without them (TWEETBENCH_DATA_DIR), {REPEAT}",
            exit_code=Exit.CONFIGURATION,
        )
    java = find_java(os.environ)
    require_packages(str(settings.spark_python or sys.executable))
    require_master(settings.spark_master)
    return java


def require_packages(python: str) -> None:
    """Refuse a Python that does not start, or has no Spark.

    Raises:
        TweetbenchError: with the first package that is missing.
    """
    code = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n) is None])"
    try:
        said = subprocess.run([python, "-P", "-c", code, *PACKAGES], capture_output=True, text=True, check=False)  # noqa: S603
        if said.returncode:
            raise OSError(said.returncode, (said.stderr.strip().splitlines() or [f"code {said.returncode}"])[-1])
    except OSError as error:
        raise TweetbenchError(
            "Spark's Python cannot be started",
            where=python,
            why=error.strerror or str(error),
            next_step=f"correct TWEETBENCH_SPARK_PYTHON, {REPEAT}",
            exit_code=Exit.CONFIGURATION,
        ) from None
    if missing := said.stdout.split():
        raise lacking(python, missing[0])


def lacking(python: str, package: str) -> TweetbenchError:
    """What a person reads where Spark's environment is not whole."""
    return TweetbenchError(
        f"Spark's environment lacks the package {package}",
        where=python,
        next_step=f"{python} -m pip install 'tweetbench[spark]', or set TWEETBENCH_SPARK_PYTHON; {REPEAT}",
        exit_code=Exit.CONFIGURATION,
    )


def find_java(environment: Mapping[str, str]) -> str:
    """The folder of a Java that Spark runs on, empty where it is the one on the path.

    Raises:
        TweetbenchError: there is none, or it is too old.
    """
    home = environment.get("JAVA_HOME", "")
    command = str(Path(home) / "bin" / "java") if home else shutil.which("java", path=environment.get("PATH"))
    step = f"install Java {OLDEST_JAVA} (Debian: openjdk-17-jre-headless), or set JAVA_HOME; {REPEAT}"
    words = ""
    with suppress(OSError):
        if command:
            said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
            words = said.stderr + said.stdout
    found = re.search(r'version "(?:1\.)?(\d+)', words)
    if not found:
        where = f"JAVA_HOME={home}" if home else "PATH"
        raise TweetbenchError(
            "Spark needs Java and there is none", where=where, next_step=step, exit_code=Exit.CONFIGURATION
        )
    if int(found[1]) < OLDEST_JAVA:
        raise TweetbenchError(
            f"Spark needs Java {OLDEST_JAVA} or newer",
            where=str(command),
            why=words.splitlines()[0],
            next_step=step,
            exit_code=Exit.CONFIGURATION,
        )
    return home


def require_master(master: str) -> None:
    """Refuse a cluster of which no master answers: Spark itself would try for a minute and then say little.

    Raises:
        TweetbenchError: no host of the address takes a connection.
    """
    if master.startswith("local"):
        return
    reasons = []
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
        except OSError as error:
            reasons.append(f"{place}: {error.strerror or error}")
        else:
            return
    raise TweetbenchError(
        "the Spark master cannot be reached",
        where=f"TWEETBENCH_SPARK_MASTER={master}",
        why="; ".join(reasons),
        next_step=f"start it, or correct the address, {REPEAT}",
        exit_code=Exit.UNAVAILABLE,
    )


def run_driver(folder: Path, command: list[str], settings: Settings, java: str) -> dict[str, Any]:
    """Run Spark's process to its end and return its result.

    Raises:
        TweetbenchError: it could not start, refused, was killed, or a model failed.
    """
    # Kept like the log of a run: what the last build said, and what it took.
    log, facts = settings.dagster_dir / "last_spark.log", settings.dagster_dir / "last_spark.json"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(folder)],
            cwd=folder,
            env=driver_environment(settings, java),
            stdin=subprocess.PIPE,  # its end tells the process that this one is gone
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the JVM, or all of it if this process has to stop
            process.wait()
            if process.stdin:
                process.stdin.close()
    found = folder / RESULT
    result: dict[str, Any] = json.loads(found.read_text(encoding="utf-8")) if found.exists() else {}
    if code or not result.get("tables"):
        raise describe_failure(command[0], code, result, log)
    replace_text(facts, json.dumps(result, indent=1))
    return result


def driver_environment(settings: Settings, java: str) -> dict[str, str]:
    """What Spark's process gets to see: our code, and no token of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWEETBENCH_")}
    chosen = {"JAVA_HOME": java} if java else {}
    return (
        kept
        | chosen
        | {
            "PYTHONPATH": str(PROJECT_DIR),
            "PYSPARK_PYTHON": str(settings.spark_python or sys.executable),
            "TWEETBENCH_THREADS": str(settings.threads),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
    )


def describe_failure(python: str, code: int, result: Mapping[str, Any], log: Path) -> TweetbenchError:
    """Why there are no tables, for a person: a refusal, models that failed, or how the process ended."""
    if refusal := result.get("refusal"):
        words = {**refusal, "exit_code": Exit(refusal["exit_code"])}
        return TweetbenchError(words.pop("what"), **words)
    said = log.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    if missing := re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", said):
        return lacking(python, missing[1])
    failed = result.get("failed") or []
    refused = explain_refusal("\n".join(failed) or said)
    if refused is not None:
        return refused
    if failed:
        first = "; ".join(" ".join(text.split())[:400] for text in failed[:3])
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
        return TweetbenchError(
            f"{len(failed)} models failed on Spark; nothing was published",
            where=str(log),
            why=first + more,
            next_step=f"see what they say in full, {REPEAT}",
        )
    ended = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    reasons = [line for line in lines if re.search(r"error|exception|unresponsive|refused", line, re.IGNORECASE)]
    return TweetbenchError(
        f"Spark's process {ended}; nothing was published",
        where=str(log),
        why=" / ".join((reasons or lines)[-3:])[:1200] or "it said nothing",
        next_step=f"see that memory and disk suffice, {REPEAT}",
        exit_code=Exit.UNAVAILABLE,
    )


def require_whole(built: SparkTables) -> None:
    """Refuse tables whose files hold other rows than Spark counted.

    Raises:
        TweetbenchError: a table has lost or gained rows on its way.
    """
    for table, rows in built.tables.items():
        files = built.files(table)
        found = sum(pq.read_metadata(file).num_rows for file in files)
        if found != rows or not files:
            raise TweetbenchError(
                f"{table} has {rows:,} rows in Spark, and its files hold {found:,}; nothing was published",
                where=str(built.folder),
                why="every worker must see the data folder under the same path, on storage that all of them share",
                next_step=f"put the data folder there (TWEETBENCH_DATA_DIR), {REPEAT}",
                exit_code=Exit.IO,
            )
