"""How often growth attribution is right in worlds whose truth is known, through all steps from posts to intervals.

`python benchmarks/growth_worlds.py [--worlds 100] [--null-worlds 200]`. Each world runs through the real SQL of the
panel, the shrinkage of quality and the estimation. Writes results/growth_worlds.json: shares of worlds in which the
true effects lie inside the 95 % intervals, in which a null is rejected, and in which the placebo catches growth that
comes first. `naive` intervals take quality as given; `published` ones carry its shrinkage.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# Before numpy: one thread is faster on matrices of this size.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pyarrow as pa

from benchmarks.measuring import write_result
from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.shrinkage import read_first_step
from pipeline.analysis.growth.specifications import PLACEBO, PLACEBO_TERM, PRIMARY, find_specification
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.world import World
from tests.marts.growth_stand import GrowthStand, let_growth_come_first, prepare_stand, true_slopes

LEVEL = 0.05
FIRST_SEED = 5_000
# Engagement per impression moves by 0.8 log points with a log point of latent quality.
QUALITY_SCALE = TrueEffects().like_quality
FEEDBACK = 12.0
QUICK = Effort(wild_draws=0, share_draws=0, seed=0, gives_second_opinion=False)


def same(value: float) -> Mapping[str, float]:
    return {"b2b": value, "b2c": value, "both": value}


# Strong effects and little noise are the hardest: there the shrinkage is most of the error.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "demo": {},
    "strong_effects_60_accounts_40_weeks": {
        "account_count": 60,
        "day_count": 280,
        "effects": TrueEffects(b_quality=same(0.03), b_volume=same(0.006), noise_sd=0.003),
    },
    "few_accounts_40_by_40_weeks": {
        "account_count": 40,
        "day_count": 280,
        "effects": TrueEffects(b_quality=same(0.03), b_volume=same(0.006), noise_sd=0.004),
    },
}
NULL = {"effects": TrueEffects(b_quality=same(0.0), b_volume=same(0.0))}


def fit_terms(tables: Mapping[str, pa.Table], specification: str, *, is_naive: bool = False) -> dict[str, Any]:
    """Rows of one specification by term."""
    step = None if is_naive else read_first_step(tables["int_account_week_quality_cells"])
    panel = tables["int_account_week_panel"]
    rows = fit_rows(step.attach(panel) if step else panel, find_specification(specification), QUICK, step)
    return {str(row["term"]): row for row in rows}


def judge_coverage(stand: GrowthStand, setting: Mapping[str, Any], seeds: range) -> Iterator[dict[str, bool]]:
    """Per world: which true effects lie inside which intervals, and whether the placebo raises a false alarm."""
    for seed in seeds:
        world = World(seed=seed, **setting)
        tables = stand.run(world)
        truths = true_slopes(world, tables["int_account_week_panel"], quality_scale=QUALITY_SCALE)
        hits = {}
        for name, is_naive in (("published", False), ("naive", True)):
            rows = fit_terms(tables, PRIMARY, is_naive=is_naive)
            for term, truth in zip(("quality", "volume"), truths, strict=True):
                hits[f"{name}_{term}"] = rows[term]["conf_low"] <= truth <= rows[term]["conf_high"]
        yield hits | {"placebo_alarm": fit_terms(tables, PLACEBO)[PLACEBO_TERM]["p_value"] < LEVEL}


def judge_nulls(stand: GrowthStand, seeds: range) -> Iterator[dict[str, bool]]:
    for seed in seeds:
        rows = fit_terms(stand.run(World(seed=seed, **NULL)), PRIMARY)
        yield {f"rejected_{term}": rows[term]["p_value"] < LEVEL for term in ("quality", "volume")}


def judge_feedback(stand: GrowthStand, seeds: range) -> Iterator[dict[str, bool]]:
    for seed in seeds:
        tables = stand.run(let_growth_come_first(World(seed=seed), FEEDBACK))
        yield {"caught": fit_terms(tables, PLACEBO)[PLACEBO_TERM]["p_value"] < LEVEL}


def count(found: Iterator[dict[str, bool]], label: str) -> dict[str, int]:
    """How many worlds there were, and in how many of them each statement holds."""
    totals = {"worlds": 0}
    for hits in found:
        totals["worlds"] += 1
        for name, holds in hits.items():
            totals[name] = totals.get(name, 0) + int(holds)
    print(label, totals, flush=True)
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--null-worlds", type=int, default=200)
    options = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + options.worlds)
    with tempfile.TemporaryDirectory() as folder:
        stand = prepare_stand(Path(folder) / "data")
        coverage = {name: count(judge_coverage(stand, SETTINGS[name], seeds), name) for name in SETTINGS}
        nulls = range(FIRST_SEED, FIRST_SEED + options.null_worlds)
        no_effect = count(judge_nulls(stand, nulls), "no effect")
        growth_first = count(judge_feedback(stand, seeds), "growth first")
    outcome = {"coverage": coverage, "no_effect": no_effect, "growth_comes_first": growth_first, "feedback": FEEDBACK}
    path = write_result("growth_worlds", outcome)
    print(f"written: {path.relative_to(Path(__file__).resolve().parents[1])}")


if __name__ == "__main__":
    main()
