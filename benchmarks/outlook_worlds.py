"""How often forecasts, timing and post factors are right in worlds whose truth is known.

`python benchmarks/outlook_worlds.py [--worlds 40]`. Forecast: share of limits that hold what came 13 weeks later, and
of back-tests, by kind of world and number of accounts. Timing: share of days called unusual without an effect, coverage
of the day of the post, and how often a rise before it is noticed. Post factors: worlds of luck alone with any finding,
and coverage and power for one true effect. Writes results/outlook_worlds.json.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

# Before numpy: one thread is faster on matrices of this size.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.measuring import write_result
from pipeline.analysis.post_factors import estimate_factors
from pipeline.analysis.timing import estimate_days
from tests.analysis.forecast_worlds import KINDS, count_held, draw_levels, forecast_world
from tests.analysis.test_post_factors import by_factor, draw_posts
from tests.analysis.test_timing import NOBODY, by_day, draw_days

EFFECT = 0.3


def measure_forecast(worlds: int) -> dict[str, Any]:
    """Shares of the forecasts and back-tests that held; an account on its own needs more worlds to say as much."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        for accounts, weeks, rounds in ((1, 60, 4 * worlds), (20, 57, worlds // 2), (150, 57, max(worlds // 10, 1))):
            made, held, backtests = 0, 0, []
            for world in range(rounds):
                drawn = draw_levels(kind, accounts, weeks, np.random.default_rng([world, accounts, weeks]))
                rows = forecast_world(drawn)
                counts = count_held(drawn, rows, "present_pace")
                made, held = made + counts[0], held + counts[1]
                backtests.append([_number(row["all_backtest_coverage"]) for row in rows[:3]])
            present, usual, good = np.nanmean(backtests, axis=0)
            found.setdefault(kind, {})[f"{accounts} x {weeks}"] = {
                "made": made,
                "held": round(held / max(made, 1), 3),
                "backtest_present": round(float(present), 3),
                "backtest_usual": round(float(usual), 3),
                "backtest_good": round(float(good), 3),
            }
            print(kind, accounts, found[kind][f"{accounts} x {weeks}"], flush=True)
    return found


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


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))


def _holds(row: dict[str, object], truth: float) -> bool:
    return _number(row["conf_low"]) <= truth <= _number(row["conf_high"])


def main() -> None:
    """Measure all and record it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--worlds", type=int, default=40)
    worlds = parser.parse_args().worlds
    timing, factors = measure_timing(worlds), measure_factors(worlds)
    print(timing, factors, flush=True)
    write_result(
        "outlook_worlds",
        {"worlds": worlds, "forecast": measure_forecast(worlds), "timing": timing, "post_factors": factors},
    )


if __name__ == "__main__":
    main()
