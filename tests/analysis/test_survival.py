"""Kaplan-Meier curves with ties, censoring, and nothing left."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.survival import kaplan_meier, survival_at

WATCHED = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)
COLUMNS = ["time", "at_risk", "events", "survival", "conf_low", "conf_high"]


@pytest.mark.parametrize("group", [None, "1", "2"])
def test_curve_and_limits_equal_the_reference_overall_and_by_group(oracles: Path, group: str | None) -> None:
    folder = oracles / "03a_survival_lung"
    with (folder / "input.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if group in (None, row["sex"])]
    expected = json.loads((folder / "expected.json").read_text())
    reference = expected["overall"] if group is None else expected["groups"][group]
    curve = kaplan_meier([float(row["time"]) for row in rows], [int(row["event"]) for row in rows])
    full = reference["full_curve"]
    assert curve["time"].to_pylist() == full["time"]
    assert curve["at_risk"].to_pylist() == full["n_risk"]
    assert curve["events"].to_pylist() == full["n_event"]
    assert curve["survival"].to_pylist() == pytest.approx(full["surv"], abs=1e-8)
    limits = reference["ci_log-log"]
    read = survival_at(curve, limits["time"])
    assert read["survival"].to_pylist() == pytest.approx(limits["surv"], abs=1e-8)
    assert read["conf_low"].to_pylist() == pytest.approx(limits["lower"], abs=1e-8)
    assert read["conf_high"].to_pylist() == pytest.approx(limits["upper"], abs=1e-8)
    assert read["at_risk"].to_pylist() == limits["n_risk"]


def test_an_event_precedes_a_censoring_at_the_same_time() -> None:
    curve = kaplan_meier([7, 7, 7, 9], [True, False, True, False])
    assert curve.select(COLUMNS[:4]).to_pylist() == [
        {"time": 7.0, "at_risk": 4, "events": 2, "survival": 0.5},
        {"time": 9.0, "at_risk": 1, "events": 0, "survival": 0.5},
    ]


def test_limits_are_those_of_the_formula() -> None:
    curve = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0])
    # S(3) = 3/4 * 1/2; Greenwood 1/(4*3) + 1/(2*1)
    exponent = np.exp(1.959963984540054 * np.sqrt(1 / 12 + 1 / 2) / -np.log(0.375))
    row = curve.to_pylist()[2]
    assert row["survival"] == pytest.approx(0.375)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0.375**exponent, 0.375 ** (1 / exponent)))


def test_nobody_left_means_zero_survival_without_limits() -> None:
    last = kaplan_meier([1, 2], [1, 1]).to_pylist()[-1]
    assert last == {"time": 2.0, "at_risk": 1, "events": 1, "survival": 0.0, "conf_low": None, "conf_high": None}


def test_nobody_gone_means_full_survival() -> None:
    rows = kaplan_meier([3, 5], [0, 0]).to_pylist()
    assert [(row["survival"], row["conf_low"], row["conf_high"]) for row in rows] == [(1.0, 1.0, 1.0)] * 2


def test_quitting_on_day_zero_counts() -> None:
    first = kaplan_meier([0, 0, 4], [1, 0, 0]).to_pylist()[0]
    assert (first["time"], first["at_risk"], first["events"]) == (0.0, 3, 1)
    assert first["survival"] == pytest.approx(2 / 3)


def test_no_accounts_give_an_empty_curve_of_the_same_columns() -> None:
    curve = kaplan_meier([], [])
    assert curve.num_rows == 0
    assert curve.column_names == COLUMNS
    assert survival_at(curve, [7])["survival"].to_pylist() == [None]


def test_arrow_and_numpy_columns_are_read_alike() -> None:
    from_lists = kaplan_meier([2, 5, 5], [True, False, True])
    assert kaplan_meier(pa.chunked_array([[2], [5, 5]]), pa.array([True, False, True])).equals(from_lists)
    assert kaplan_meier(np.array([2, 5, 5]), np.array([1, 0, 1])).equals(from_lists)


@pytest.mark.parametrize(
    ("durations", "events", "words"),
    [
        ([1, 2], [1], "2 durations but 1 events"),
        ([1, -2], [1, 0], "never negative"),
        ([1, None], [1, 0], "durations hold missing"),
        ([1, 2], [1, None], "events hold missing"),
        ([1, 2], [1, 2], "true or false"),
    ],
)
def test_unusable_input_says_what_is_wrong(durations: list, events: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        kaplan_meier(durations, events)


def test_beyond_the_last_observation_nothing_is_claimed() -> None:
    read = survival_at(kaplan_meier([2, 6], [1, 0]), [1, 2, 6, 7]).to_pylist()
    assert [row["survival"] for row in read] == [1.0, 0.5, 0.5, None]
    assert [row["at_risk"] for row in read] == [2, 2, 1, 0]
    assert [row["events"] for row in read] == [0, 1, 1, 1]
    assert survival_at(kaplan_meier([2], [1]), [9])["survival"].to_pylist() == [0.0]


@given(WATCHED, st.randoms(use_true_random=False))
def test_curve_never_rises_and_ignores_the_order_of_accounts(watched: list[tuple[int, bool]], random) -> None:
    curve = kaplan_meier(*zip(*watched, strict=True))
    survival = curve["survival"].to_pylist()
    assert survival == sorted(survival, reverse=True)
    for row in curve.to_pylist():
        if row["survival"] > 0:
            assert 0 <= row["conf_low"] <= row["survival"] <= row["conf_high"] <= 1
    assert sum(curve["events"].to_pylist()) == sum(event for _, event in watched)
    random.shuffle(watched)
    assert kaplan_meier(*zip(*watched, strict=True)).equals(curve)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_without_censoring_the_curve_is_the_share_that_is_left(durations: list[int]) -> None:
    for row in kaplan_meier(durations, [True] * len(durations)).to_pylist():
        left = sum(duration > row["time"] for duration in durations) / len(durations)
        assert row["survival"] == pytest.approx(left, abs=1e-12)


def test_limits_cover_the_truth_in_about_19_of_20_samples() -> None:
    generator = np.random.default_rng(11)
    truth, covered = np.exp(-0.5), 0
    for _ in range(400):
        leaves, watched_until = generator.exponential(2.0, 80), generator.uniform(0.5, 4.0, 80)
        curve = kaplan_meier(np.minimum(leaves, watched_until), leaves <= watched_until)
        row = survival_at(curve, [1.0]).to_pylist()[0]
        covered += row["conf_low"] <= truth <= row["conf_high"]
    assert 370 <= covered <= 392
