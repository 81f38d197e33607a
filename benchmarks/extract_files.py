"""The same year of metrics in 12, 365 and 3,650 lake files: what small files cost when the warehouse is rebuilt.

`python benchmarks/extract_files.py` makes the lakes, loads each into an empty warehouse in a process of its own, in
turn, and writes results/extract_files.json. Answers whether closed months are worth merging.
"""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extract_contenders import peak_mib
from benchmarks.measuring import SCRATCH, run_process, spread, write_result
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.settings import Settings

FILE_COUNTS = (12, 365, 3_650)
ROWS = 730_000
FIRST = datetime(2025, 11, 1, 6, tzinfo=UTC)


def make_lake(folder: Path, file_count: int) -> None:
    """A lake with the same rows, whatever the number of files, unless it is already there."""
    if (folder / "done").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    draw = np.random.default_rng(7)
    schema = pa.schema([field for field in TABLES["post_metrics"] if field.name not in {"source", "run_id"}])
    ids = pa.array(np.arange(ROWS) * 9_999_991 + 1_800_000_000_000_000_000).cast(pa.string())
    counts = {
        name: pa.array(draw.integers(0, most, ROWS))
        for name, most in {"impression_count": 50_000, "like_count": 500, "repost_count": 90, "reply_count": 40}.items()
    }
    columns = {
        "platform": pa.repeat("x", ROWS),
        "captured_at": pa.array(
            [FIRST + timedelta(days=number * 365 // ROWS) for number in range(ROWS)], pa.timestamp("us", "UTC")
        ),
        "account_id": ids,
        "post_id": ids,
        "metric_scope": pa.repeat("public", ROWS),
        **counts,
    }
    arrays = [columns.get(field.name, pa.nulls(ROWS, field.type)) for field in schema]
    whole, lake = pa.Table.from_arrays(arrays, schema=schema), Lake(folder / "lake")
    edges = [ROWS * number // file_count for number in range(file_count + 1)]
    for number, (start, end) in enumerate(pairwise(edges)):
        blocks = {"post_metrics": [whole.slice(start, end - start)]}
        lake.commit({}, source="x_api", run_id=f"run{number}", now=FIRST, blocks=blocks)
    (folder / "done").touch()


def load(folder: Path) -> int:
    """Load the lake into an empty warehouse; the rows that are there then."""
    from pipeline.warehouse import load_table

    settings = Settings(data_dir=folder)
    settings.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    return load_table(settings, Lake(folder / "lake"), "post_metrics").rows_total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        print(json.dumps({"rows": load(options.load), "peak_mib": round(peak_mib(), 1)}))
        return
    folders = {count: SCRATCH / f"files-{count}" for count in FILE_COUNTS}
    took: dict[int, list[dict[str, float]]] = {count: [] for count in FILE_COUNTS}
    for count, folder in folders.items():
        make_lake(folder, count)
    for _ in range(options.rounds):
        for count, folder in folders.items():
            shutil.rmtree(folder / "warehouse", ignore_errors=True)
            measure, report = run_process([sys.executable, __file__, "--load", str(folder)])
            if report["rows"] != ROWS:
                raise ValueError(f"{count} files gave {report['rows']} rows")
            took[count].append(asdict(measure))
            print(count, measure, flush=True)
    result = {
        "rows": ROWS,
        "cpu_s": {count: spread([each["cpu_s"] for each in runs]) for count, runs in took.items()},
        "bytes": {
            count: sum(path.stat().st_size for path in (folder / "lake").rglob("*.parquet"))
            for count, folder in folders.items()
        },
        "measures": took,
    }
    print(f"written: {write_result('extract_files', result).name}")


if __name__ == "__main__":
    main()
