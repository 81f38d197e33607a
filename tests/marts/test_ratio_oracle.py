"""Ratio styles, tiers and the follow limit against the reference cases, through the real dbt model."""

import json
import math
from pathlib import Path

import pytest

from tests.marts.stand import read_rows


def test_classes_tiers_and_limits_are_those_of_the_reference(ratio_warehouse: Path, oracles: Path) -> None:
    expected = json.loads((oracles / "07a_ratio_point_classes" / "expected.json").read_text())["rows"]
    found = {row["account_key"]: row for row in read_rows(ratio_warehouse, "from intermediate.int_ratio_styles")}
    for case in expected:
        row = found[f"x:oracle_{case['id']}"]
        assert (row["ratio_style"], row["size_tier"], row["is_follow_limited"]) == (
            case["class"],
            case["tier"],
            case["limit_pinned"],
        ), case
        assert row["log_ratio"] == pytest.approx(case["log_ratio_plus1"], abs=1e-12)
        if case["ratio"] is None:
            assert row["followers_per_following"] is None
        else:
            assert row["followers_per_following"] == pytest.approx(case["ratio"], rel=1e-12)
    assert sum(key.startswith("x:oracle_") for key in found) == len(expected)


def test_the_account_of_july_2009_is_mass_communication_of_the_middle_tier(ratio_warehouse: Path) -> None:
    """2,840 followers and 204 followed, as the study's author reported of his own account."""
    rows = read_rows(
        ratio_warehouse,
        "select distinct ratio_style, size_tier, round(followers_per_following, 2)::double as ratio "
        "from intermediate.int_ratio_styles where follower_count = 2840 and following_count = 204",
    )
    if not rows:
        pytest.skip("the reference cases are not part of the project and are absent here")
    assert rows == [{"ratio_style": "mass_communication", "size_tier": "mid", "ratio": 13.92}]


def test_zero_and_missing_counts_give_a_class_or_nothing_but_never_an_infinite_ratio(ratio_warehouse: Path) -> None:
    rows = read_rows(ratio_warehouse, "from intermediate.int_ratio_styles")
    found = {
        row["account_key"]: (row["ratio_style"], row["followers_per_following"], row["is_follow_limited"])
        for row in rows
    }
    assert found["x:single"] == ("transitional", 3.0, False)
    assert found["x:nobody"] == ("too_small", None, False)
    assert found["x:no_followers"] == ("net_follower", 0.0, False)
    assert found["x:no_following"] == ("mass_communication", None, False)
    assert "x:half" not in found
    assert all(ratio is None or math.isfinite(ratio) for _, ratio, _ in found.values())
