"""How honest the pooled estimate of three to nine accounts is, in worlds with shared shocks and a known truth.

`python benchmarks/few_accounts.py [--worlds 500]`. Writes results/few_accounts.json: for every kind of world in how
many the 95 % limits hold the true effects of quality, volume and their difference, how many find quality above 0, and
half the width of quality's limits. `no effect` has growth that follows nothing: what it finds is false.
"""

import argparse
import os
import sys
from itertools import product
from pathlib import Path

# Before numpy: one thread is faster on matrices of this size.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pyarrow as pa

from benchmarks.measuring import write_result
from pipeline.analysis.growth.few_accounts import few_rows
from pipeline.analysis.growth.tables import Row
from tests.analysis.few_worlds import QUALITY, SPECIFICATION, VOLUME, draw_weeks

SEED = 4_000
KINDS = {
    "alike": {"unlike": 0.0},
    "unlike": {"unlike": 0.5},
    "very unlike": {"unlike": 1.0},
    "no shared shock": {"shock": 0.0, "common_quality": 0.0},
    "missed weeks": {"missed": 0.1},
}


def main() -> None:
    """Draw and fit all worlds, print a line for each kind and record them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500)
    worlds = parser.parse_args().worlds
    found = []
    for accounts, weeks, kind in product((3, 5, 9), (16, 26, 52), (*KINDS, "no effect")):
        rng = np.random.default_rng([SEED, accounts, weeks, [*KINDS, "no effect"].index(kind)])
        tables = [draw_weeks(rng, accounts, weeks, **KINDS.get(kind, {})) for _ in range(worlds)]
        if kind == "no effect":
            tables = [_without_effect(table, rng) for table in tables]
        truth = (0.0, 0.0) if kind == "no effect" else (QUALITY, VOLUME)
        found.append({"accounts": accounts, "weeks": weeks, "kind": kind, "worlds": worlds, **_count(tables, truth)})
        print(found[-1], flush=True)
    write_result("few_accounts", {"worlds": found})


def _without_effect(weeks: pa.Table, rng: np.random.Generator) -> pa.Table:
    noise = pa.array(rng.normal(0, 0.01, weeks.num_rows))
    return weeks.set_column(weeks.column_names.index("growth_rate"), "growth_rate", noise)


def _count(tables: list[pa.Table], truth: tuple[float, float]) -> dict[str, float]:
    fits = [_fit(table) for table in tables]
    fits = [rows for rows in fits if rows["quality"]["status"] == "ok"]
    quality, volume = truth
    truths = [
        {
            "quality": quality,
            "volume": volume,
            "quality_minus_volume": quality * _number(rows["quality"], "within_sd")
            - volume * _number(rows["volume"], "within_sd"),
        }
        for rows in fits
    ]
    covered = {
        f"covers_{term}": round(
            float(
                np.mean(
                    [
                        _number(rows[term], "conf_low") <= true[term] <= _number(rows[term], "conf_high")
                        for rows, true in zip(fits, truths, strict=True)
                    ]
                )
            ),
            3,
        )
        for term in ("quality", "volume", "quality_minus_volume")
    }
    lows = np.array([_number(rows["quality"], "conf_low") for rows in fits])
    highs = np.array([_number(rows["quality"], "conf_high") for rows in fits])
    return {
        "fitted": len(fits),
        **covered,
        "finds_quality": round(float(np.mean(lows > 0)), 3),
        "half_width": round(float(np.median(highs - lows)) / 2, 5),
    }


def _fit(weeks: pa.Table) -> dict[object, Row]:
    count = len(set(weeks["account_key"].to_pylist()))
    return {row["term"]: row for row in few_rows(weeks, SPECIFICATION, {"account_count": count})}


def _number(row: Row, name: str) -> float:
    return float(str(row[name]))


if __name__ == "__main__":
    main()
