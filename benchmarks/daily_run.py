"""What a day costs on histories of different length: load and `dbt build` of the same new day.

`python benchmarks/daily_run.py [--accounts 1000] [--years 1 2 4 8] [--days 7] [--unchecked]`. For each length: a
warehouse with that history, built once in full, then one process for each new day of the lake, which loads it and
builds what it can change, with all data tests, as a run does. Seven days are a week: on one of them a week is complete
and the panels are estimated again. The shortest history is built in full once more and compared, table by table. Writes
results/daily_run_ACCOUNTS.json: CPU and wall seconds of load and of dbt, seconds by model of the mean day, ratios to
the shortest history and to the full build, and the load against bare inserts of the same files.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.daily_run_input import land_days, new_day_files, write_history
from benchmarks.measuring import SCRATCH, run_process, write_result
from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.transform.build_state import find_start, remember
from pipeline.transform.dbt import GOOD, invoke_dbt
from pipeline.transform.project import dbt_environment, dbt_locations, prepare_project, read_manifest

# The limit under which 40 million readings have to be built in full (10,000 accounts, eight years).
MEMORY = "2GB"


def build(settings: Settings, *, full: str | None = None) -> dict[str, Any]:
    """One `dbt build` as the pipeline runs it; what it took.

    Raises:
        RuntimeError: a model or a test failed.
    """
    wall, cpu = time.monotonic(), time.process_time()
    start = find_start(settings, full=full)
    os.environ.update(dbt_environment(settings, start.used_bytes))
    arguments = ["--no-write-json", "build", *start.dbt_arguments, "--exclude-resource-type", "unit_test"]
    if start.selection:
        arguments += ["--select", *start.selection]
    results = invoke_dbt([*arguments, *dbt_locations(settings)], read_manifest(settings))
    failed = [f"{result.node.name}: {result.message}" for result in results if result.status in {"error", "fail"}]
    if failed:
        raise RuntimeError("; ".join(failed))
    remember(settings, start)
    done = [result for result in results if result.status in GOOD]
    seconds = {kind: _seconds(done, kind) for kind in ("model", "test", "seed")}
    return {
        "watermark": start.watermark,
        "cpu_s": round(time.process_time() - cpu, 2),
        "wall_s": round(time.monotonic() - wall, 2),
        **{f"{kind}s_s": round(sum(values.values()), 2) for kind, values in seconds.items()},
        "models": seconds["model"],
    }


def prepare(settings: Settings, accounts: int, days: int, _: int) -> dict[str, Any]:
    """A history, built in full."""
    rows = write_history(settings, accounts, days)
    prepare_project(settings)
    return {"rows": rows, **build(settings, full="the history")}


def new_day(settings: Settings, accounts: int, days: int, day: int) -> dict[str, Any]:
    """One more day: loaded and built."""
    rows = land_days(settings, accounts, days, range(day, day + 1))
    bare = _bare_insert(settings, days + day)
    wall, cpu = time.monotonic(), time.process_time()
    lake = Lake(settings.lake_dir)
    added = sum(done.rows_added for done in warehouse.load_tables(settings, lake, list(TABLES)))
    load = {"cpu_s": round(time.process_time() - cpu, 3), "wall_s": round(time.monotonic() - wall, 3)}
    built = build(settings)
    if added != sum(rows.values()) or built["watermark"] != days + day - 1:
        raise RuntimeError(f"{added} rows loaded, built from {built['watermark']}")
    return {"rows": rows, "load": load, "bare_insert_cpu_s": bare, **built}


def compare(settings: Settings, accounts: int, days: int, _: int) -> dict[str, Any]:
    """The tables as they are against a full build of the same rows.

    Raises:
        RuntimeError: a table differs.
    """
    earlier = settings.data_dir / "earlier.duckdb"
    shutil.copy(settings.warehouse_file, earlier)
    build(settings, full="to compare")
    with warehouse.connect(settings, read_only=True) as connection:
        connection.execute(f"attach '{earlier}' as earlier (read_only)")
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database() "
            "and schema_name in ('intermediate', 'marts') order by all"
        ).fetchall()
        compared = [name for (name,) in names if not name.endswith(("_changed", "_new"))]
        wrong = [name for name in compared if differing_rows(connection, name)]
    if wrong:
        raise RuntimeError(f"differ from a full build of {accounts} accounts, {days} days: {', '.join(wrong)}")
    return {"equal_tables": len(compared)}


def differing_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows that are not the same in both databases: fractions to 1e-9 (threads add in any order), all else exactly."""
    sides = (f"earlier.{table}", table)
    hashes = [connection.execute(f"select count(*), sum(hash(t)) from {side} as t").fetchone() for side in sides]  # noqa: S608
    if hashes[0] == hashes[1]:
        return 0
    columns = connection.execute(f"select column_name, column_type from (describe {table})").fetchall()  # noqa: S608
    exact = [f'"{name}"' for name, kind in columns if "DOUBLE" not in kind]
    close = [f'"{name}"' for name, kind in columns if kind == "DOUBLE"]
    numbered = [f"select row_number() over (order by {', '.join(exact)}) as n, * from {side}" for side in sides]  # noqa: S608
    differs = [f"a.{name} is distinct from b.{name}" for name in exact]
    differs += [
        f"(a.{name} is null) <> (b.{name} is null) or abs(a.{name} - b.{name}) > 1e-9 * greatest(1.01, abs(a.{name}))"
        for name in close
    ]
    query = f"select count(*) from ({numbered[0]}) as a full join ({numbered[1]}) as b using (n) where "  # noqa: S608
    row = connection.execute(query + " or ".join(differs)).fetchone()
    return int(row[0]) if row else 0


STEPS = {"prepare": prepare, "new_day": new_day, "compare": compare}


def measure(accounts: int, years: int, day_count: int, *, is_checked: bool) -> dict[str, Any]:
    """One length of history, in processes of its own."""
    folder = SCRATCH / f"daily-run-{years}"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, str(Path(__file__).resolve())]
    arguments = [str(folder), str(accounts), str(365 * years)]
    _, history = run_process([*command, "prepare", *arguments, "0"])
    print(json.dumps({**history, "models": _slowest(history["models"])}), flush=True)
    days = []
    for number in range(1, day_count + 1):
        process, day = run_process([*command, "new_day", *arguments, str(number)])
        days.append({**day, "process_cpu_s": process.cpu_s, "process_wall_s": process.wall_s})
        print(json.dumps({**days[-1], "models": _slowest(day["models"])}), flush=True)
    checked = run_process([*command, "compare", *arguments, "0"])[1] if is_checked else {}
    shutil.rmtree(folder)
    return {
        "years": years,
        "history_rows": history["rows"],
        "day_rows": days[0]["rows"],
        "full_build": {
            **{name: history[name] for name in ("cpu_s", "wall_s", "models_s", "tests_s", "peak_mib")},
            "slowest_models": _slowest(history["models"]),
        },
        "day_cpu_s": [day["process_cpu_s"] for day in days],
        "day": mean_day(days),
        **{name: value for name, value in checked.items() if name == "equal_tables"},
    }


def mean_day(days: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean of each figure, the greatest peak; a model that a day left out took no time."""
    mean = {
        name: round(fmean(day[name] for day in days), 3)
        for name in ("process_cpu_s", "process_wall_s", "cpu_s", "wall_s", "models_s", "tests_s", "bare_insert_cpu_s")
    }
    load = {name: round(fmean(day["load"][name] for day in days), 3) for name in ("cpu_s", "wall_s")}
    models = {name for day in days for name in day["models"]}
    seconds = {name: round(fmean(day["models"].get(name, 0) for day in days), 2) for name in sorted(models)}
    return {**mean, "load": load, "peak_mib": max(day["peak_mib"] for day in days), "models": seconds}


def main() -> None:
    if len(sys.argv) >= 5 and sys.argv[1] in STEPS:
        step, folder, accounts, days, day = sys.argv[1:]
        settings = Settings(_env_file=None, data_dir=Path(folder), threads=2, memory_limit=MEMORY)
        report = STEPS[step](settings, int(accounts), int(days), int(day))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**report, "peak_mib": round(peak, 1)}))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--years", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--days", type=int, default=7, help="new days, one after the other")
    parser.add_argument("--unchecked", action="store_true", help="do not compare with a full build of the same rows")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the processes that are measured
    sizes = [
        measure(
            options.accounts,
            years,
            options.days,
            is_checked=not options.unchecked and years == min(options.years),
        )
        for years in options.years
    ]
    first, last = sizes[0]["day"], sizes[-1]["day"]
    growth = {name: round(last["models"][name] - first["models"].get(name, 0), 2) for name in last["models"]}
    result = {
        "setup": {"accounts": options.accounts, "threads": 2, "memory_limit": MEMORY, "days": options.days},
        "sizes": sizes,
        "cpu_to_shortest": [_ratio(size["day"], first) for size in sizes],
        "full_build_cpu_per_year_to_shortest": [
            round(
                size["full_build"]["cpu_s"] / size["years"] / (sizes[0]["full_build"]["cpu_s"] / sizes[0]["years"]), 2
            )
            for size in sizes
        ],
        "cpu_to_full_build": [round(size["day"]["cpu_s"] / size["full_build"]["cpu_s"], 2) for size in sizes],
        "load_to_bare_insert_cpu": [
            round(size["day"]["load"]["cpu_s"] / size["day"]["bare_insert_cpu_s"], 1) for size in sizes
        ],
        "slope_by_model_s": _slowest(growth),
    }
    path = write_result(f"daily_run_{options.accounts}", result)
    print(json.dumps({name: value for name, value in result.items() if name not in {"sizes", "setup"}}, indent=1))
    print(f"written: {path.relative_to(SCRATCH.parents[1])}")


def _ratio(day: dict[str, Any], first: dict[str, Any]) -> float:
    seconds, of_first = (one["cpu_s"] + one["load"]["cpu_s"] for one in (day, first))
    return float(round(seconds / of_first, 2))


def _slowest(seconds: dict[str, float]) -> dict[str, float]:
    return dict(sorted(seconds.items(), key=lambda pair: -pair[1])[:20])


def _seconds(results: list[Any], kind: str) -> dict[str, float]:
    return {
        result.node.name: round(result.execution_time, 2) for result in results if result.node.resource_type == kind
    }


def _bare_insert(settings: Settings, sequence: int) -> float:
    """CPU seconds of inserting the files of the new day into empty tables, nothing else."""
    with duckdb.connect() as connection:
        for file in new_day_files(settings, sequence):
            connection.execute(f"create table {file.parts[-4]} as from read_parquet('{file}') limit 0")
        cpu = time.process_time()
        for file in new_day_files(settings, sequence):
            connection.execute(f"insert into {file.parts[-4]} from read_parquet('{file}')")
        return round(time.process_time() - cpu, 3)


if __name__ == "__main__":
    main()
