"""Whether the robustness value says how strong an unseen common cause has to be, in worlds whose cause is known.

`python benchmarks/sensitivity_worlds.py [--worlds 60]`. A cause moves quality and growth; the product does not see it,
regressions that do show what it explains of both and what it leaves of the effect. By kind of world: the robustness
value, the effect that is left, and, where there is no true effect, how often the value of the limit lies at or below
what the cause really reaches. Over all: how far the formula is from those regressions, and how many causes that are
stronger or weaker than the robustness value in both explain the effect away. Writes results/sensitivity_worlds.json.
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
from tests.analysis.sensitivity_worlds import Sensed, sense_world

# On quality and on growth, in spreads of a week's own; from none to one that dwarfs everything else.
CAUSES = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.5), (0.8, 0.8), (1.2, 1.2), (1.2, 0.1), (0.1, 1.2))
EFFECTS = (0.0, 0.004, 0.01)


def measure(worlds: int) -> dict[str, Any]:
    """Figures by kind of world, and over all of them."""
    kinds, everything = {}, []
    for effect in EFFECTS:
        for on_quality, on_growth in CAUSES:
            found = [
                sense_world(seed, on_quality=on_quality, on_growth=on_growth, effect=effect) for seed in range(worlds)
            ]
            name = f"effect {effect}, cause {on_quality} on quality, {on_growth} on growth"
            kinds[name] = describe_kind(found, has_effect=effect > 0)
            print(name, kinds[name], flush=True)
            everything += found
    return {"worlds": worlds, "kinds": kinds, "over_all": describe_all(everything)}


def describe_kind(found: list[Sensed], *, has_effect: bool) -> dict[str, Any]:
    """Means of the worlds of one kind; without an effect also how often the limit warned enough."""
    means: dict[str, Any] = {
        name: round(float(np.mean([getattr(world, name) for world in found])), 4)
        for name in ("robustness_value", "robustness_value_of_limit", "share_of_driver", "share_of_growth")
    }
    # Of ratios to estimates near zero only the middle says anything.
    means["median_share_left"] = round(float(np.median([world.share_left for world in found])), 3)
    if not has_effect:
        means["limit_within_reach"] = round(
            float(np.mean([world.robustness_value_of_limit <= world.reached for world in found])), 3
        )
    return means


def describe_all(found: list[Sensed]) -> dict[str, Any]:
    """The formula against regressions, and the decisions by the robustness value."""
    strong = [world for world in found if world.is_strong and world.pushes_same_way]
    weak = [world for world in found if world.is_weak]
    return {
        "largest_difference_of_formula": float(
            f"{max(abs(world.share_left - world.share_left_by_formula) for world in found):.2g}"
        ),
        "stronger_causes": len(strong),
        "stronger_causes_that_explain_away": sum(world.share_left <= 0 for world in strong),
        "weaker_causes": len(weak),
        "weaker_causes_that_explain_away": sum(world.share_left <= 0 for world in weak),
    }


def main() -> None:
    """Measure all and record it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--worlds", type=int, default=60)
    write_result("sensitivity_worlds", measure(parser.parse_args().worlds))


if __name__ == "__main__":
    main()
