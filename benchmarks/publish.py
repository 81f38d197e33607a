"""P8: publishing a warehouse of about 1 GB against `cp` of the same file and a full read of it.

python benchmarks/publish.py [--gigabytes 1] [--rounds 5]

Peer: `cp` of the build warehouse, fsync, and one full read of the copy through DuckDB (an order-free hash of every
value, as publishing verifies). Both are whole processes, in turn, caches warm. Publishing also sorts each mart, writes
Parquet next to it, and hashes the source, so that the copy is compared with something.
"""

import argparse
import json
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
from measuring import SCRATCH, Measure, ratios, run_process, spread, write_result

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from pipeline import warehouse  # noqa: E402
from pipeline.publish import publish as publish_version  # noqa: E402
from pipeline.publish import published_versions  # noqa: E402
from pipeline.runtime.clock import utc_now  # noqa: E402
from pipeline.settings import Settings  # noqa: E402
from tools.filled_marts import Shape, fill_marts  # noqa: E402

ACCOUNTS_PER_GIGABYTE = 7_000  # with 1,096 days and 800 posts each


def main() -> int:
    """Measure and write benchmarks/results/publish.json; with --one, be one of the measured processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=SCRATCH / "publish")
    parser.add_argument("--one", choices=["publish", "copy"])
    options = parser.parse_args()
    settings = Settings(_env_file=None, data_dir=options.folder, memory_limit="2GB", versions_kept=3)  # type: ignore[call-arg]
    if options.one:
        report = publish_once(settings) if options.one == "publish" else copy_once(settings)
        print(json.dumps({**report, "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}))
        return 0
    prepare(settings, options.gigabytes)
    measured: dict[str, list[Measure]] = {"publish": [], "copy": []}
    rows = {}
    for number in range(options.rounds + 1):
        for kind, times in measured.items():
            command = [sys.executable, __file__, "--one", kind, "--folder", str(options.folder)]
            measure, report = run_process(command)
            rows[kind] = report["rows"]
            if number:  # the first round warms the caches
                times.append(measure)
    if rows["publish"] != rows["copy"]:
        raise RuntimeError(f"the two do not hold the same rows: {rows}")
    result = {
        "build_mib": round(settings.warehouse_file.stat().st_size / 1024**2),
        "published_mib": round(settings.published_file.stat().st_size / 1024**2),
        "parquet_mib": round(sum(path.stat().st_size for path in parquet_files(settings)) / 1024**2),
        "rows": rows["publish"],
        "rounds": options.rounds,
        "publish_wall_s": spread([one.wall_s for one in measured["publish"]]),
        "copy_and_read_wall_s": spread([one.wall_s for one in measured["copy"]]),
        "ratio": ratios(measured["publish"], measured["copy"]),
    }
    shutil.rmtree(options.folder)
    print(json.dumps(result, indent=2))
    print(write_result("publish", result))
    return 0


def prepare(settings: Settings, gigabytes: float) -> None:
    """A build warehouse of that size."""
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    settings.make_folders()
    with warehouse.connect(settings) as connection:
        fill_marts(connection, Shape(round(ACCOUNTS_PER_GIGABYTE * gigabytes), 1096, 800))


def publish_once(settings: Settings) -> dict[str, Any]:
    """What one publish did."""
    done = publish_version(settings, run_id="benchmark", now=utc_now(), basis="benchmark")
    return {"rows": sum(done.row_counts.values()) - 1, "versions": len(published_versions(settings))}


def copy_once(settings: Settings) -> dict[str, Any]:
    """`cp`, fsync, and a full read of the copy."""
    copy = settings.data_dir / "copy.duckdb"
    shutil.copyfile(settings.warehouse_file, copy)
    with copy.open("rb") as stream:
        os.fsync(stream.fileno())
    rows = 0
    with duckdb.connect(str(copy), read_only=True, config=warehouse.connection_options(settings)) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        for (name,) in tables:
            counted = connection.execute(
                f'select count(*), sum(hash(t)) from marts."{name}" as t'  # noqa: S608 - names of our own tables
            ).fetchone()
            rows += counted[0] if counted else 0
    return {"rows": rows}


def parquet_files(settings: Settings) -> list[Path]:
    """The Parquet files of the current version."""
    return list((settings.published_dir / "current" / "parquet").iterdir())


if __name__ == "__main__":
    sys.exit(main())
