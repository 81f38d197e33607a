"""Whether populations of ratios are said to have two styles when, and only when, they have."""

import csv
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.multimodality import dip_statistic
from pipeline.analysis.ratio_distribution import dip_p_value, examine_populations, fit_mixture


def _population(ratios: list[float | None], segment: str = "all") -> pa.Table:
    logs = [math.log(ratio) if ratio else 8.0 for ratio in ratios]
    return pa.table(
        {
            "segment_dimension": ["all"] * len(ratios),
            "segment": [segment] * len(ratios),
            "followers_per_following": pa.array(ratios, type=pa.float64()),
            "log_ratio": logs,
        }
    )


def _tests(table: pa.Table) -> dict[str, dict[str, object]]:
    return {row["test"]: row for row in examine_populations(table).to_pylist()}


def _two_styles(count: int) -> list[float | None]:
    rng = np.random.default_rng(3)
    near_one = rng.normal(0.0, 0.12, count)
    mass = rng.normal(math.log(10), 0.35, count)
    return [float(ratio) for ratio in np.exp(np.concatenate([near_one, mass]))]


def test_two_clear_styles_are_found_by_all_three_tests() -> None:
    tests = _tests(_population(_two_styles(80)))
    assert [tests[name]["is_multimodal"] for name in ("antimode", "dip", "mixture")] == [True, True, True]
    assert tests["antimode"]["p_value"] < 1e-6
    assert tests["dip"]["p_value"] == 0.001
    assert tests["mixture"]["statistic"] > 4


def test_one_skewed_hump_is_not_two_styles_even_where_two_components_fit_better() -> None:
    """The logarithm of a gamma variable is skewed: BIC wants two components, and no mixture is published."""
    ratios = [float(ratio) for ratio in np.random.default_rng(5).gamma(0.7, 8.0, 400)]
    mixture = fit_mixture(np.log(np.array(ratios)))
    assert mixture is not None
    assert mixture.bic_gain > 10
    tests = _tests(_population(ratios))
    assert (tests["antimode"]["is_multimodal"], tests["dip"]["is_multimodal"]) == (False, False)
    assert (tests["mixture"]["is_multimodal"], tests["mixture"]["status"]) == (None, "not_testable")
    assert "antimode p" in str(tests["mixture"]["status_reason"])


def test_nineteen_accounts_are_too_few_and_the_row_says_so() -> None:
    tests = _tests(_population([1.0] * 19))
    assert {row["status"] for row in tests.values()} == {"insufficient_data"}
    assert tests["dip"]["status_reason"] == "19 accounts with a readable style; 20 are needed"
    assert tests["dip"]["p_value"] is None


def test_equal_ratios_and_accounts_that_follow_nobody_do_no_harm() -> None:
    tests = _tests(_population([None] * 30))
    assert tests["antimode"]["p_value"] == 1.0
    assert tests["mixture"]["status_reason"] == "two components cannot be fitted"


def test_the_order_of_the_accounts_changes_nothing() -> None:
    ratios = _two_styles(30)
    table = _population(ratios)
    assert examine_populations(table).equals(examine_populations(table.take(list(reversed(range(len(ratios)))))))


def test_populations_come_in_the_order_of_their_names() -> None:
    table = pa.concat_tables([_population([1.0] * 20, "small"), _population([1.0] * 20, "mid")])
    assert [row["segment"] for row in examine_populations(table).to_pylist()] == ["mid"] * 3 + ["small"] * 3


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 200), st.integers(0, 10))
def test_the_p_of_the_smallest_dip_is_one_and_of_the_largest_the_least(count: int, seed: int) -> None:
    assert dip_p_value(0.5 / count, count, seed=seed) == 1.0
    assert dip_p_value(0.25, count, seed=seed) == 0.001


def test_the_dip_p_value_is_uniform_where_there_is_one_uniform_style() -> None:
    rng = np.random.default_rng(11)
    p_values = [dip_p_value(dip_statistic(rng.random(60)), 60, seed=seed) for seed in range(200)]
    assert 0.01 <= np.mean(np.array(p_values) < 0.05) <= 0.10
    assert 0.40 <= np.mean(np.array(p_values) < 0.5) <= 0.60


def test_large_companies_show_one_hump_and_no_second_style(shared_data: Path) -> None:
    with (shared_data / "sp500_twitter_profiles" / "sp_500_twitter_profile_info.csv").open(encoding="utf-8") as file:
        counts = {
            row["username"].lower(): (int(row["followers_count"]), int(row["following_count"]))
            for row in csv.DictReader(file)
        }
    ratios = [follower / following if following else None for follower, following in counts.values()]
    logs = [math.log((follower + 1) / (following + 1)) for follower, following in counts.values()]
    assert np.median([ratio for ratio in ratios if ratio is not None]) == pytest.approx(33.7, abs=0.5)
    table = _population(ratios).set_column(3, "log_ratio", pa.array(logs))
    tests = _tests(table)
    assert [tests[name]["is_multimodal"] for name in ("antimode", "dip", "mixture")] == [False, False, None]
