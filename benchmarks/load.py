"""P3: loading lake files into `raw` against a bare insert of the same files.

python benchmarks/load.py [--accounts 10000] [--days 60] [--rounds 5]

Both are whole processes into a new file, in turn, caches warm. Loading goes file by file, checks each file's hash and
keeps a ledger; the peer is one `insert into ... select from read_parquet` for each table, nothing else.
"""

import argparse
import json
import resource
import shutil
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.daily_run_input import TABLE_NAMES, land_days
from benchmarks.measuring import SCRATCH, Measure, ratios, run_process, write_result
from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.warehouse.raw_tables import create_raw_tables

WAYS = ("load", "bare")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=WAYS)
    options = parser.parse_args()
    settings = Settings(_env_file=None, data_dir=SCRATCH / "load", threads=2, memory_limit="2GB")
    if options.one:
        rows = {"load": load, "bare": insert}[options.one](settings)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rows": rows, "peak_mib": round(peak, 1)}))
        return
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    settings.make_folders()
    landed = land_days(settings, options.accounts, options.days, range(1 - options.days, 1))
    took: dict[str, list[Measure]] = {way: [] for way in WAYS}
    for number in range(options.rounds + 1):
        for way in WAYS:
            measure, report = run_process([sys.executable, __file__, "--one", way])
            if report["rows"] != landed:
                raise RuntimeError(f"{way} holds {report['rows']}, landed were {landed}")
            if number:  # the first round warms the caches
                took[way].append(measure)
    # As a speed: 1 is that of the bare insert, below 1 is slower.
    speed = ratios(took["bare"], took["load"])
    result = {
        "accounts": options.accounts,
        "files": len(TABLE_NAMES) * options.days,
        "rows": landed,
        "rounds": options.rounds,
        "speed_to_bare_insert": {name: speed[name] for name in ("wall_s", "cpu_s")},
        "target": 0.8,
        "measures": {way: [vars(measure) for measure in measures] for way, measures in took.items()},
    }
    shutil.rmtree(settings.data_dir)
    print(json.dumps(result["speed_to_bare_insert"]), write_result("load", result).name)


def load(settings: Settings) -> dict[str, int]:
    """Every table as the pipeline loads it; rows by table."""
    warehouse.discard(settings)
    lake = Lake(settings.lake_dir)
    return {table: warehouse.load_table(settings, lake, table).rows_added for table in TABLE_NAMES}


def insert(settings: Settings) -> dict[str, int]:
    """One insert for each table, into a file of its own; rows by table."""
    file = settings.data_dir / "bare.duckdb"
    file.unlink(missing_ok=True)
    rows = {}
    with duckdb.connect(str(file), config=warehouse.connection_options(settings)) as connection:
        create_raw_tables(connection)
        for table in TABLE_NAMES:
            files = [str(path) for path in sorted((settings.lake_dir / table).rglob("*.parquet"))]
            done = connection.execute(
                f"insert into raw.{table} by name select *, 0 as lake_sequence "  # noqa: S608 - our names
                "from read_parquet(?, hive_partitioning = false)",
                [files],
            ).fetchone()
            rows[table] = int(done[0]) if done else 0
    return rows


if __name__ == "__main__":
    main()
