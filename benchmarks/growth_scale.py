"""Growth attribution of 2,000 accounts over 104 weeks: the panel in SQL and every specification, as one process.

`python benchmarks/growth_scale.py [--accounts 2000] [--weeks 104] [--rounds 5]`. The world and its parent tables are
made beforehand by a process of their own. Two threads for DuckDB, one for the linear algebra. Writes
results/growth_scale.json: wall, CPU and peak memory, warm.
"""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

# Before numpy: on matrices of this size one thread is several times faster than two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.extract_contenders import peak_mib
from benchmarks.measuring import SCRATCH, run_process, spread, write_result
from pipeline.analysis.growth import PANEL_COLUMNS, estimate_growth
from pipeline.analysis.growth.dose_response import PANEL_COLUMNS as DOSE_COLUMNS
from pipeline.analysis.growth.dose_response import describe_doses
from pipeline.analysis.growth.reading import cut_accounts, read_accounts
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS
from pipeline.analysis.growth.verdict import judge_growth
from pipeline.simulate.cast import STYLES
from pipeline.simulate.world import World
from tests.marts.growth_stand import MODELS, prepare_stand, remake, world_parents

FOLDER = SCRATCH / "growth-scale"
# What the pipeline gives DuckDB by default.
LIMITS = {"threads": 2, "memory_limit": "512MB"}


def prepare(accounts: int, weeks: int) -> None:
    """The world's tables in a warehouse, and the compiled SQL next to it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.parent.mkdir(exist_ok=True)
    stand = prepare_stand(FOLDER)
    world = World(seed=3, account_count=accounts, day_count=7 * weeks)
    parents = world_parents(world)
    days = parents["int_account_snapshots_daily"]
    follows = np.random.default_rng(3).poisson(0.001 * days["follower_count"].to_numpy())
    parents["int_account_days_reported"] = days.select(["account_key", "date"]).append_column(
        "new_follow_count", pa.array(follows, pa.int64())
    )
    parents["int_growth_account_segments"] = segments(world)
    with duckdb.connect(str(stand.warehouse)) as connection:
        for name, table in parents.items():
            connection.register("parent", table)
            connection.execute(f"create or replace table intermediate.{name} as from parent")
    (FOLDER / "statements.json").write_text(json.dumps(stand.statements))


def segments(world: World) -> pa.Table:
    """Five dimensions, as the marts have them."""
    cast = world.cast
    tiers = np.select([cast.follower_start > 5000, cast.follower_start >= 500], ["pro", "mid"], "small")
    dimensions = {
        "platform": ["x"] * cast.size,
        "size_tier": tiers.tolist(),
        "ratio_style": [STYLES[style] for style in cast.style],
        "industry": list(cast.industries),
        "customer_focus": [cast.focus_name(account) for account in range(cast.size)],
    }
    rows = [
        {"account_key": f"x:{account_id}", "segment_dimension": dimension, "segment": labels[account]}
        for dimension, labels in dimensions.items()
        for account, account_id in enumerate(cast.account_ids)
    ]
    return pa.Table.from_pylist(rows)


def measure() -> dict[str, Any]:
    """The measured process: panel, estimates, verdicts and doses; counts that show that the work was done."""
    started = time.monotonic()
    with duckdb.connect(str(next(FOLDER.glob("warehouse/*.duckdb"))), config=LIMITS) as connection:
        for name, statement in json.loads((FOLDER / "statements.json").read_text()):
            remake(connection, name, statement)
    after_panel, panel_peak = time.monotonic(), peak_mib()
    # A connection of its own: what DuckDB holds after building the panel is no part of the estimates.
    with duckdb.connect(str(next(FOLDER.glob("warehouse/*.duckdb"))), config=LIMITS) as connection:
        panel, cells = (
            connection.table(f"intermediate.{name}") for name in (MODELS[-1], "int_account_week_quality_cells")
        )
        groups = connection.table("intermediate.int_growth_account_segments").to_arrow_table()
        cuts = cut_accounts(panel, cells)
        estimates = estimate_growth(
            read_accounts(panel, PANEL_COLUMNS, cuts), groups, read_accounts(cells, CELL_COLUMNS, cuts)
        )
        after_estimates, estimates_peak = time.monotonic(), peak_mib()
        panel = panel.project(", ".join(DOSE_COLUMNS)).to_arrow_table()
    verdicts, doses = judge_growth(estimates), describe_doses(panel, groups)
    whole = verdicts.filter(pa.compute.equal(verdicts["segment"], "all")).to_pylist()[0]
    return {
        "panel_s": round(after_panel - started, 1),
        "estimates_s": round(after_estimates - after_panel, 1),
        "doses_s": round(time.monotonic() - after_estimates, 1),
        "panel_peak_mib": round(panel_peak, 1),
        "estimates_peak_mib": round(estimates_peak, 1),
        "panel_rows": panel.num_rows,
        "account_weeks": whole["observation_count"],
        "accounts": whole["account_count"],
        "estimate_rows": estimates.num_rows,
        "rows_with_figures": pa.compute.sum(pa.compute.equal(estimates["status"], "ok")).as_py(),
        "dose_rows": doses.num_rows,
        "verdict": whole["verdict"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", nargs="?", choices=["prepare", "measure"])
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    size = ["--accounts", str(options.accounts), "--weeks", str(options.weeks)]
    if options.step:
        said = measure() if options.step == "measure" else prepare(options.accounts, options.weeks)
        print(json.dumps({**(said or {}), "peak_mib": round(peak_mib(), 1)}))
        return
    script = str(Path(__file__).resolve())
    run_process([sys.executable, script, "prepare", *size])
    runs = [run_process([sys.executable, script, "measure", *size]) for _ in range(1 + options.rounds)][1:]
    shutil.rmtree(FOLDER)
    outcome = {
        "accounts": options.accounts,
        "weeks": options.weeks,
        "duckdb": LIMITS,
        "blas_threads": 1,
        **{name: spread([getattr(took, name) for took, _ in runs]) for name in ("wall_s", "cpu_s", "peak_mib")},
        "rounds": [said for _, said in runs],
    }
    print(outcome)
    path = write_result("growth_scale", outcome)
    print(f"written: {path.relative_to(Path(__file__).resolve().parents[1])}")


if __name__ == "__main__":
    main()
