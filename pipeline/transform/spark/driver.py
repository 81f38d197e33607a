"""Spark's side of a build: reads what to do from `job.json`, makes the tables, says in `result.json` what it made.

Runs as a process of its own in the environment that has PySpark and dbt-spark; `build` starts it and looks at what it
leaves. It ends when whoever started it does.
"""

import importlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import Exit
from pipeline.runtime.files import replace_text
from pipeline.settings import PROJECT_DIR

PROJECT = PROJECT_DIR / "dbt_project"
# Extra `spark`: only this process needs them.
PACKAGES = ("pyspark", "pandas", "dbt.adapters.spark")
JOB, RESULT = "job.json", "result.json"
# A cluster hands out its workers within seconds; a worker that is lost comes back within a minute, or does not.
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Job:
    """What to build. `raw`: path, sequence of the commit and rows of each file by raw table; no `models` means all."""

    master: str
    raw: dict[str, list[tuple[str, int, int]]]
    models: list[str] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)
    patience_seconds: float = PATIENCE_SECONDS


def main() -> int:
    """Do the job in the folder that is the only argument; 0 if every model was built."""
    folder = Path(sys.argv[1])
    threading.Thread(target=end_with_parent, daemon=True).start()
    job = Job(**json.loads((folder / JOB).read_text(encoding="utf-8")))
    for package in PACKAGES:
        importlib.import_module(package)  # `build` says what is missing
    from pipeline.transform.spark import session as spark

    # Spark logs the whole Java stack of every error a second time.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    rows = sum(count for files in job.raw.values() for _, _, count in files)
    session = spark.start_session(folder, job.master, rows)
    if not job.master.startswith("local"):
        require_workers(session, folder, job.patience_seconds)
    result = build(session, folder, job)
    replace_text(folder / RESULT, json.dumps(result, indent=1))
    stop(session)
    return 1 if result["failed"] else 0


def build(session: Any, folder: Path, job: Job) -> dict[str, Any]:
    """Load the raw tables and the seeds, build the models; what was made and what it took."""
    from dbt.cli.main import dbtRunner

    from pipeline.transform.spark import session as spark

    began = time.monotonic()
    raw_rows = spark.load_raw(session, job.raw)
    spark.load_seeds(session, PROJECT / "seeds", job.seeds)
    loaded = time.monotonic()
    selected = ["--select", *job.models] if job.models else []
    outcome = dbtRunner().invoke(["run", *selected, *locations(folder), "--target", "spark"])
    results: list[Any] = getattr(outcome.result, "results", [])
    failed = [f"{one.node.name}: {one.message}" for one in results if one.status not in ("success", "skipped")]
    if not outcome.success and not failed:
        failed = [f"dbt could not start: {outcome.exception}"]
    models = [one.node for one in results if one.node.resource_type == "model"]
    tables = [f"{node.schema}.{node.name}" for node in models if node.config.materialized != "view"]
    return {
        "failed": failed,
        "tables": {} if failed else {name: session.table(name).count() for name in sorted(tables)},
        "models": len(models),
        "raw_rows": raw_rows,
        "load_seconds": round(loaded - began, 1),
        "build_seconds": round(time.monotonic() - loaded, 1),
        "seconds_by_model": {one.node.name: round(one.execution_time, 2) for one in results},
        **spark.costs(session),
    }


def locations(folder: Path) -> Sequence[str]:
    """Arguments that keep everything dbt writes in the build's folder."""
    places = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": folder / "dbt",
        "--log-path": folder / "dbt",
    }
    return [str(word) for pair in places.items() for word in pair]


def stop(session: Any) -> None:
    """Stop Spark and wait for its JVM, so that nothing of it outlives this process."""
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        gateway.proc.wait(timeout=30)


def require_workers(session: Any, folder: Path, patience: float) -> None:
    """Wait until a worker has joined, and end the process from then on when there has been none for so long.

    Spark itself would wait for ever.
    """
    context = session.sparkContext

    def watch(is_first: bool) -> None:
        seen = time.monotonic()
        while time.monotonic() - seen < patience:
            if context._jsc is None:
                return  # the session is stopped: the build is done
            # The driver counts as one of them.
            if len(context._jsc.sc().statusTracker().getExecutorInfos()) > 1:
                if is_first:
                    return
                seen = time.monotonic()
            time.sleep(LOOK_SECONDS)
        lost = "gave no worker to the build" if is_first else "lost its last worker during the build"
        refuse(
            folder,
            f"the Spark cluster {lost}",
            where=context.master,
            why=f"no worker for {patience:.0f} seconds: none is alive, or none has the cores and the memory asked for",
            next_step="look at the master's own page (port 8080), then repeat the command",
            exit_code=Exit.UNAVAILABLE,
        )
        os._exit(1)

    watch(is_first=True)
    threading.Thread(target=watch, args=(False,), daemon=True).start()


def refuse(folder: Path, what: str, *, exit_code: Exit = Exit.CONFIGURATION, **words: str) -> int:
    """Leave words for the person who started the build; 1, to end with."""
    replace_text(folder / RESULT, json.dumps({"refusal": {"what": what, "exit_code": int(exit_code), **words}}))
    return 1


def end_with_parent() -> None:
    """End this process, and with it the JVM, when the other end of its input is closed."""
    # Not through sys.stdin, whose lock this thread would still hold when the interpreter shuts down.
    os.read(0, 1)
    os._exit(1)


def write_job(folder: Path, job: Job) -> None:
    """Say what is to be done in this folder."""
    replace_text(folder / JOB, json.dumps(asdict(job)))


if __name__ == "__main__":
    sys.exit(main())
