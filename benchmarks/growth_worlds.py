"""How often growth attribution is right in worlds whose truth is known, from single posts to verdicts.

`python benchmarks/growth_worlds.py [--worlds 200] [--full] [--only NAME...]`. Posts are drawn, weekly quality and its
chance are measured from them as the product does, and the primary model and its placebo are fitted, without random
draws. Writes results/growth_worlds.json: for every kind of world how many got each verdict or none, and in how many of
the others the 95 % intervals hold the true effect of quality, per log point (`covers_sum`) and per swing
(`covers_swing`).
`--full` crosses all settings, which takes hours.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

# Before numpy: one thread is faster on matrices of this size.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pyarrow as pa

from benchmarks.measuring import RESULTS, write_result
from pipeline.analysis.growth import estimate_growth
from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.shrinkage import read_first_step
from pipeline.analysis.growth.specifications import PLACEBO, PRIMARY, find_specification
from pipeline.analysis.growth.tables import ESTIMATES, Row, build_table
from pipeline.analysis.growth.verdict import judge_growth
from tests.analysis.growth_posts import Drawn, PostWorld, draw_posts_world, true_effects

FIRST_SEED = 5_000
QUICK = Effort(wild_draws=0, share_draws=0, seed=0, gives_second_opinion=False)
SHARES, PERSISTENCE, RELIABILITY = (0.0, 0.5, 0.8, 1.0), (0.0, 0.3, 0.5, 0.7), (0.15, 0.4, 0.7)
SIZES = tuple(product((10, 30, 60), (26, 52)))
LARGEST = SIZES[-1]
NOTHING = {"quality": 0.0, "volume": 0.0}
PER_POST = "engagement_per_post"
WHOLE = "no effect, whole reports"
# Eighteen segments in five dimensions, as a report has them.
DIMENSIONS = (2, 3, 3, 4, 6)


def name_worlds(full: bool) -> Iterator[tuple[str, PostWorld]]:
    """Every kind of world with its name; without `full` the grid is cut to what differs."""
    grid = [(share, persistence, 0.4, LARGEST) for persistence, share in product((0.5, 0.7, 0.3, 0.0), (0.8, 0.0))]
    grid += [(0.8, 0.5, level, LARGEST) for level in (0.15, 0.7)]
    if full:
        grid = [*product(SHARES, PERSISTENCE, RELIABILITY, SIZES)]
    yield from map(_name_effect, grid)
    for reliability, (accounts, weeks) in ((0.4, LARGEST), (0.15, LARGEST), (0.4, (10, 26)), (0.15, (30, 52))):
        world = PostWorld(accounts=accounts, weeks=weeks, reliability=reliability, **NOTHING)
        label = f"reliability {reliability}, {accounts} x {weeks}"
        yield f"no effect, {label}", world
        yield f"growth first 0.15, {label}", replace(world, feedback=0.15)
    yield "reach alone, reactions per post", PostWorld(reach=0.6, basis=PER_POST, **NOTHING)
    if not full:
        small = [(0.4, (10, 26)), (0.4, (30, 52)), (0.15, (30, 52)), (0.7, (10, 26)), (0.4, (30, 26)), (0.15, (10, 52))]
        yield from map(_name_effect, [(0.8, 0.5, level, size) for level, size in small])
    for feedback in (0.1, 0.05, 0.15):
        yield f"effect and feedback {feedback}, reliability 0.4", PostWorld(feedback=feedback)
    for reliability in (0.15, 0.4):
        world = PostWorld(reliability=reliability)
        yield f"effect, heavy-tailed posts, reliability {reliability}", replace(world, has_heavy_posts=True)
        yield f"effect, reactions per post, reliability {reliability}", replace(world, basis=PER_POST)
    if not full:
        rest = [(0.5, persistence, 0.4, LARGEST) for persistence in (0.5, 0.7, 0.3, 0.0)]
        rest += [(1.0, persistence, 0.4, LARGEST) for persistence in (0.5, 0.7, 0.3, 0.0)]
        yield from map(_name_effect, rest)
    yield "effect of volume alone", PostWorld(quality=0.0, volume=0.004)
    yield "reach alone, reactions per impression", PostWorld(reach=0.6, **NOTHING)
    yield WHOLE, PostWorld(**NOTHING)


def _name_effect(setting: tuple[float, float, float, tuple[int, int]]) -> tuple[str, PostWorld]:
    """A world in which better posts win followers."""
    share, persistence, reliability, (accounts, weeks) = setting
    name = f"effect, same week {share:.0%}, persistence {persistence}, reliability {reliability}, {accounts} x {weeks}"
    world = PostWorld(accounts, weeks, same_share=share, persistence=persistence, reliability=reliability)
    return name, world


def judge(world: PostWorld, seed: int) -> Mapping[str, bool]:
    """What is true of the answer in one world."""
    drawn = draw_posts_world(world, seed)
    step = read_first_step(drawn.cells)
    panel = step.attach(drawn.panel)
    rows = [
        {"specification": name, "segment_dimension": "all", "segment": "all", **row}
        for name in (PRIMARY, PLACEBO)
        for row in fit_rows(panel, find_specification(name), QUICK, step)
    ]
    (verdict,) = judge_growth(build_table(rows, ESTIMATES)).to_pylist()
    found = {str(verdict["verdict"]): True}
    if verdict["verdict"] == "insufficient_data":
        return found
    by_term = {row["term"]: row for row in rows if row["specification"] == PRIMARY}
    truths = true_effects(world, drawn)
    found["covers_sum"] = _holds(by_term["quality"], "conf", truths[0])
    found["covers_swing"] = _holds(by_term["quality"], "standardised", truths[1])
    found["placebo_alarm"] = verdict["placebo_p_value"] is None or verdict["placebo_p_value"] < 0.05
    found["says_better_posts"] = "better posts" in str(verdict["summary_text"]).lower()
    return found


def _holds(row: Row, name: str, truth: float) -> bool:
    return float(str(row[f"{name}_low"])) <= truth <= float(str(row[f"{name}_high"]))


def judge_report(world: PostWorld, seed: int) -> Mapping[str, bool]:
    """Whether a whole report with 18 segments names a winner, or calls growth first, anywhere."""
    drawn = draw_posts_world(world, seed)
    estimates = estimate_growth(drawn.panel, draw_segments(drawn, seed), drawn.cells, wild_draws=0, share_draws=0)
    verdicts = judge_growth(estimates)["verdict"].to_pylist()
    winners = [verdict in ("quality_larger", "volume_larger") for verdict in verdicts]
    return {
        "names_a_winner_for_all": winners[0],
        "names_any_winner": any(winners),
        "any_growth_first": "reverse_causality_not_excluded" in verdicts,
        "any_segment_growth_first": "reverse_causality_not_excluded" in verdicts[1:],
    }


def draw_segments(drawn: Drawn, seed: int) -> pa.Table:
    rng = np.random.default_rng([seed, 7])
    accounts = sorted(set(drawn.panel["account_key"].to_pylist()))
    rows = [
        {"account_key": key, "segment_dimension": f"dimension {number}", "segment": f"segment {segment}"}
        for number, size in enumerate(DIMENSIONS)
        for key, segment in zip(accounts, rng.permutation(len(accounts)) % size, strict=True)
    ]
    return pa.Table.from_pylist(rows)


def count(found: Iterator[Mapping[str, bool]], label: str) -> dict[str, int]:
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
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    path = RESULTS / "growth_worlds.json"
    for number, (name, world) in enumerate(name_worlds(options.full), start=1):
        if options.only and not any(part in name for part in options.only):
            continue
        # Every kind of world has draws of its own, so that one unlucky draw does not show in all of them.
        seeds = range(FIRST_SEED * number, FIRST_SEED * number + options.worlds)
        answer = judge_report if name == WHOLE else judge
        found = count((answer(world, seed) for seed in seeds), name)
        # After each kind of world, next to what was recorded before: all of them take hours.
        recorded = json.loads(path.read_text()).get("worlds", {}) if path.exists() else {}
        write_result("growth_worlds", {"worlds": recorded | {name: found}})


if __name__ == "__main__":
    main()
