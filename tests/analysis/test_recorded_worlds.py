"""What the scripts of `benchmarks` recorded of worlds whose truth is known is complete, and as good as promised."""

import json
from typing import Any

import pytest

from pipeline.settings import PROJECT_DIR

RESULTS = PROJECT_DIR / "benchmarks" / "results"
SCENARIOS = ("present_pace", "usual_weeks", "good_weeks")


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_the_test_of_an_experiment_had_its_size_in_a_thousand_plans() -> None:
    found = recorded("outlook_worlds")["experiments"]
    assert found["plans"] == 1_000
    assert sorted(found["rejected_at"]) == ["0.01", "0.05", "0.2", "0.5"]
    for level, share in found["rejected_at"].items():
        # Exact in ranks, so it can fall short of a level and exceed it by chance alone, here three standard errors.
        exact = float(level)
        assert 0.5 * exact <= share <= exact + 3 * (exact * (1 - exact) / 1_000) ** 0.5


def test_back_tests_on_real_histories_and_the_demo_held_nine_times_in_ten() -> None:
    found = recorded("outlook_worlds")["backtests"]
    assert set(found) == {"real_together", "real_each_on_its_own", "demo"}
    assert set(found["demo"]) == set(found["real_together"]) == set(SCENARIOS)
    for kind in found.values():
        assert kind["present_pace"]["checked"] > 500
        assert 0.85 <= kind["present_pace"]["held"] <= 0.95
    for scenario in SCENARIOS:
        assert 0.85 <= found["demo"][scenario]["held"] <= 0.95


@pytest.mark.parametrize("kind", ["steady", "jumps", "shared_shocks", "proportional", "persistent"])
def test_limits_held_in_every_kind_of_world_but_those_of_one_account_that_drifts(kind: str) -> None:
    found = recorded("outlook_worlds")["forecast"][kind]
    assert set(found) == {"1 x 60", "1 x 110", "20 x 57", "150 x 57"}
    for size, row in found.items():
        assert set(row) == {
            "made",
            "held",
            "held_standard_error",
            "backtest_present",
            "backtest_usual",
            "backtest_good",
        }
        least = 0.85 - (0.05 if kind == "persistent" and size.startswith("1 ") else 0)
        assert least <= row["held"] <= 0.96 + (0.04 if size.startswith("1 ") else 0)


def test_a_first_hour_that_told_nothing_was_rarely_called_and_a_sign_had_its_size() -> None:
    for size, worlds in recorded("outlook_worlds")["first_hour"].items():
        for world, row in worlds.items():
            # What lifts a whole week of one account counts as a sign: its decision says so.
            if size.startswith("1 ") and "three times" in world:
                continue
            assert row["covers_truth"] >= 0.92
            assert (row["rejected"] > 0.75) if "1.65" in world else (row["rejected"] <= 0.08)
            assert row["mean_ratio"] == pytest.approx(1.65 if "1.65" in world else 1.0, abs=0.1)


def test_causes_explained_effects_away_exactly_where_the_robustness_value_said_so() -> None:
    found = recorded("sensitivity_worlds")
    together = found["over_all"]
    assert together["largest_difference_of_formula"] < 1e-4
    assert together["stronger_causes_that_explain_away"] == together["stronger_causes"] > 20
    assert (together["weaker_causes_that_explain_away"], together["weaker_causes"] > 400) == (0, True)
    kinds = found["kinds"]
    without = [row for name, row in kinds.items() if name.startswith("effect 0.0,")]
    assert all(row["limit_within_reach"] >= 0.95 for row in without)
    # The stronger the cause, or the effect, the more it takes.
    causes = [f"cause {size} on quality, {size} on growth" for size in (0.0, 0.3, 0.5, 0.8, 1.2)]
    for effect in ("0.0", "0.004", "0.01"):
        values = [kinds[f"effect {effect}, {cause}"]["robustness_value"] for cause in causes]
        assert values == sorted(values)
    for cause in causes:
        values = [kinds[f"effect {effect}, {cause}"]["robustness_value"] for effect in ("0.0", "0.004", "0.01")]
        assert values == sorted(values)
