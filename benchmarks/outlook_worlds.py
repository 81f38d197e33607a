"""How often forecasts, timing, post factors and experiments are right in worlds whose truth is known.

`python benchmarks/outlook_worlds.py [--worlds 40]`. Forecast: share of limits that hold what came 13 weeks later, and
of back-tests, by kind of world and number of accounts; and back-tests on real histories and on the demo's, where these
are at hand. Timing: share of days called unusual without an effect, coverage of the day of the post, and how often a
rise before it is noticed. Post factors: worlds of luck alone with any finding, and coverage and power for one true
effect; the first hour: rejections where it tells nothing, and coverage, power and size where it does. Experiments: size
of the test in 1,000 plans. Writes results/outlook_worlds.json.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

# Before numpy: one thread is faster on matrices of this size.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import numpy as np
import pyarrow.compute as pc

from benchmarks.measuring import write_result
from pipeline.analysis.forecast import forecast_followers
from pipeline.analysis.forecast.outlooks import PRESENT
from pipeline.analysis.post_factors import estimate_factors
from pipeline.analysis.timing import estimate_days
from tests.analysis.experiment_worlds import draw_null_p_values
from tests.analysis.first_hour_worlds import draw_first_hours
from tests.analysis.forecast_worlds import (
    KINDS,
    count_held,
    draw_levels,
    forecast_world,
    list_accounts,
    read_real_histories,
)
from tests.analysis.test_post_factors import by_factor, draw_posts
from tests.analysis.test_timing import NOBODY, by_day, draw_days

EFFECT = 0.3
LEVELS = (0.01, 0.05, 0.2, 0.5)
FIRST_HOURS: dict[str, dict[str, float]] = {
    "nothing": {},
    "nothing, accounts grow": {"drift": 1.0},
    "nothing, one reaction in a first hour": {"usual": 1.0},
    "nothing, weeks differ three times as much": {"shock": 0.3},
    "true ratio 1.65": {"boost": 0.5},
    "true ratio 1.65, one reaction in a first hour": {"boost": 0.5, "usual": 1.0},
}
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEMO = Path(__file__).resolve().parents[1] / "data" / "demo" / "published" / "current" / "warehouse.duckdb"


def measure_forecast(worlds: int) -> dict[str, Any]:
    """Shares of the forecasts and back-tests that held; an account on its own needs more worlds to say as much."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        for accounts, weeks, rounds in ((1, 60, 4 * worlds), (1, 110, 2 * worlds), (20, 57, worlds), (150, 57, worlds)):
            made, held, backtests, shares = 0, 0, [], []
            for world in range(rounds):
                drawn = draw_levels(kind, accounts, weeks, np.random.default_rng([world, accounts, weeks]))
                rows = forecast_world(drawn)
                counts = count_held(drawn, rows, "present_pace")
                made, held = made + counts[0], held + counts[1]
                shares.append(counts[1] / max(counts[0], 1))
                backtests.append([_number(row["all_backtest_coverage"]) for row in rows[:3]])
            present, usual, good = np.nanmean(backtests, axis=0)
            found.setdefault(kind, {})[f"{accounts} x {weeks}"] = {
                "made": made,
                "held": round(held / max(made, 1), 3),
                # Accounts of one world may move together, so it is worlds that are counted.
                "held_standard_error": round(float(np.std(shares) / np.sqrt(len(shares))), 3),
                "backtest_present": round(float(present), 3),
                "backtest_usual": round(float(usual), 3),
                "backtest_good": round(float(good), 3),
            }
            print(kind, accounts, found[kind][f"{accounts} x {weeks}"], flush=True)
    return found


def measure_backtests() -> dict[str, Any]:
    """Back-tests on real histories, together and each on its own, and on those of a demo that was run here."""
    found: dict[str, Any] = {}
    if SHARED_DATA.exists():
        readings = read_real_histories(SHARED_DATA)
        keys = sorted(set(readings["account_key"].to_pylist()))
        found["real_together"] = _describe_backtests(forecast_followers(readings, list_accounts(keys)).to_pylist()[:3])
        alone = []
        for key in keys:
            one = readings.filter(pc.equal(readings["account_key"], key))
            alone.append(forecast_followers(one, list_accounts([key])).to_pylist()[0])
        checked, held = (sum(row[f"backtest_{part}count"] for row in alone) for part in ("", "covered_"))
        found["real_each_on_its_own"] = {PRESENT: {"checked": checked, "held": round(held / checked, 3)}}
    if DEMO.exists():
        with duckdb.connect(str(DEMO), read_only=True) as connection:
            rows = connection.sql("select distinct on (scenario) * from marts.follower_forecast").to_arrow_table()
        found["demo"] = _describe_backtests(rows.to_pylist())
    return found


def _describe_backtests(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        row["scenario"]: {
            "checked": row["all_backtest_count"],
            "accounts": row["all_backtest_account_count"],
            "held": round(row["all_backtest_coverage"], 3),
        }
        for row in sorted(rows, key=lambda row: str(row["scenario"]))
    }


def measure_timing(worlds: int) -> dict[str, Any]:
    """Level, coverage and power around strong posts of 30 accounts in 100 days."""
    outside, covered, early, early_alarms = [], [], [], []
    for world in range(worlds):
        nothing = by_day(estimate_days(draw_days(30, 100, 1_000 + world), NOBODY))
        outside += [not _holds(row, 1.0) for row in nothing.values()]
        early_alarms.append(_number(nothing[0]["before_p_value"]) < 0.05)
        effect = by_day(estimate_days(draw_days(30, 100, 2_000 + world, effects={0: 2.0}), NOBODY))
        covered.append(_holds(effect[0], 1 + 2.0 * 6 / 5))
        before = by_day(estimate_days(draw_days(30, 100, 3_000 + world, effects={-2: 0.5, -1: 0.5}), NOBODY))
        early.append(_number(before[0]["before_p_value"]) < 0.05)
    return {
        "days_called_unusual_without_effect": round(float(np.mean(outside)), 4),
        "covers_day_of_post": round(float(np.mean(covered)), 3),
        "rise_before_noticed": round(float(np.mean(early)), 3),
        "rise_before_noticed_without_one": round(float(np.mean(early_alarms)), 3),
    }


def measure_factors(worlds: int) -> dict[str, Any]:
    """Worlds of luck alone with any finding; coverage and power for one effect among 20 factors of 30 accounts."""
    alarms, covered, found = [], [], []
    for world in range(worlds):
        luck = by_factor(estimate_factors(draw_posts(30, 40, 1_000 + world)))
        alarms.append(any(row["is_distinct_from_usual"] for row in luck.values()))
        true = by_factor(estimate_factors(draw_posts(30, 40, 2_000 + world, effects={"word__b": EFFECT})))
        covered.append(_holds(true["b"], float(np.exp(EFFECT))))
        found.append(bool(true["b"]["is_distinct_from_usual"]))
    return {
        "worlds_of_luck_with_a_finding": round(float(np.mean(alarms)), 3),
        "covers_effect": round(float(np.mean(covered)), 3),
        "finds_effect": round(float(np.mean(found)), 3),
    }


def measure_first_hour(worlds: int) -> dict[str, Any]:
    """Level, size, coverage and power for accounts of a platform and for one account."""
    found: dict[str, Any] = {}
    for name, dimension, accounts, posts in (("30 x 20", "platform", 30, 20), ("1 x 60", "account", 1, 60)):
        for label, world in FIRST_HOURS.items():
            drawn = [draw_first_hours(accounts, posts, seed, own=1, **world) for seed in range(worlds)]  # type: ignore[arg-type]
            rows = [
                row
                for table in drawn
                for row in estimate_factors(table).to_pylist()
                if row["factor"] == "first_hour" and row["segment_dimension"] == dimension and row["status"] == "ok"
            ]
            truth = float(np.exp(world.get("boost", 0.0)))
            found.setdefault(name, {})[label] = {
                "answered": len(rows),
                "rejected": round(float(np.mean([row["p_value"] < 0.05 for row in rows])), 3),
                "covers_truth": round(float(np.mean([_holds(row, truth) for row in rows])), 3),
                "mean_ratio": round(float(np.exp(np.mean([np.log(row["measured_ratio"]) for row in rows]))), 3),
            }
    return found


def measure_experiments() -> dict[str, Any]:
    """Share of 1,000 plans whose test rejects at each level, over follows that no post moved."""
    p_values = np.array(draw_null_p_values(1_000))
    return {"plans": 1_000, "rejected_at": {str(level): float(np.mean(p_values <= level)) for level in LEVELS}}


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))


def _holds(row: dict[str, object], truth: float) -> bool:
    return _number(row["conf_low"]) <= truth <= _number(row["conf_high"])


def main() -> None:
    """Measure all and record it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--worlds", type=int, default=40)
    worlds = parser.parse_args().worlds
    found: dict[str, Any] = {
        "worlds": worlds,
        "experiments": measure_experiments(),
        "backtests": measure_backtests(),
        "timing": measure_timing(worlds),
        "post_factors": measure_factors(worlds),
        "first_hour": measure_first_hour(5 * worlds),
    }
    print(found, flush=True)
    write_result("outlook_worlds", {**found, "forecast": measure_forecast(worlds)})


if __name__ == "__main__":
    main()
