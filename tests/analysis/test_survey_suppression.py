"""What is hidden cannot be computed from what is shown: checked by the rank of everything that a reader can add up."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.survey.crosstabs import estimate_segments
from pipeline.analysis.survey.suppression import Figures, Limits, is_unreliable, protect
from pipeline.analysis.survey.survey_input import Tables
from pipeline.simulate.survey_file import write_survey
from tests.analysis.survey_adversary import LINK, Rows, disclosed, publish
from tests.analysis.survey_books import make_gappy_survey, make_survey, make_tables, thresholds

LIMITS = Limits(30, 5, 0.3, 0.05, 1.3, 8)
LINKS = [
    dict(zip(LINK, ("s", *link), strict=True))
    for link in (
        ("channels", "c0", "b0", "any", "channels", "(any)"),
        ("channels", "c0", "b1", "users of c1", "channels", "c1"),
        ("channels", "c0", "b2", "all", None, None),
        ("metric", "x", "b3", "any", "channels", "(any)"),
    )
]


@pytest.fixture(scope="module")
def gappy() -> tuple[Tables, dict[str, Rows]]:
    tables = make_gappy_survey(5, 200)
    return tables, publish(tables, LINKS)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(60, 500))
def test_no_linear_combination_of_what_all_marts_show_tells_the_answers_of_few_people(seed: int, n: int) -> None:
    tables = make_gappy_survey(seed, n)
    assert disclosed(tables, publish(tables, LINKS), LINKS) == []


@pytest.mark.parametrize(
    ("mart", "figures"),
    [
        ("survey_segments", {"is_suppressed": False, "share": 0.5}),
        ("survey_means", {"mean": 3.0, "mean_low": 2.5, "difference": 0.5}),
        ("survey_what_works", {"user_count": 40}),
        ("survey_importance_effectiveness", {"important_share": 0.5, "base_count": 90}),
        ("survey_benchmarks", {"share": 0.5}),
    ],
)
def test_the_reader_of_all_marts_finds_what_one_of_them_would_give_away(
    gappy: tuple[Tables, dict[str, Rows]], mart: str, figures: dict[str, Any]
) -> None:
    tables, marts = gappy
    shown = [row | figures for row in marts[mart]]
    assert disclosed(tables, marts | {mart: shown}, LINKS)


def test_a_hidden_cell_shows_nothing_and_a_shown_one_is_large_enough() -> None:
    rows = estimate_segments(make_survey(5), thresholds()).to_pylist()
    for row in rows:
        numbers = [row[name] for name in ("respondent_count", "share", "share_low", "standard_error", "p_value")]
        if row["is_suppressed"]:
            assert numbers == [None] * 5
            assert row["suppression_reason"] in {"small_base", "small_cell", "complementary"}
        else:
            assert row["base_count"] >= 30
            assert row["respondent_count"] == 0 or row["respondent_count"] >= 5
            assert row["share_high"] - row["share_low"] < 0.3 or row["is_unreliable"]


def test_a_small_base_is_hidden_alone_unless_it_holds_fewer_than_five_people() -> None:
    for people, hidden_with in ((10, 0), (3, 1)):
        tables = make_tables(
            {"industry": ["a"] * 100 + ["b"] * 97 + ["c"] * people},
            {"q": ("multi", ([("x",), ("y",)] * 105)[: 197 + people])},
        )
        rows = estimate_segments(tables, thresholds()).to_pylist()
        reasons = {(row["segment"], row["option"]): row["suppression_reason"] for row in rows}
        assert reasons["c", "x"] == reasons["c", "y"] == "small_base"
        assert [reasons[segment, "x"] for segment in "ab"].count("complementary") == hidden_with
        assert reasons["all", "x"] is None


def test_a_segment_of_29_is_hidden_and_one_of_30_is_not() -> None:
    tables = make_tables({"industry": ["a"] * 29 + ["b"] * 30}, {"q": ("multi", [("x",), ("y",)] * 29 + [("x",)])})
    rows = estimate_segments(tables, thresholds()).to_pylist()
    assert {row["suppression_reason"] for row in rows if row["segment"] == "a"} == {"small_base"}
    assert {row["suppression_reason"] for row in rows if row["segment"] == "b"} == {None}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"share": 0.0, "low": 0.0, "high": 0.06}, False),
        ({"share": 0.5, "low": 0.34, "high": 0.66}, True),
        ({"share": 0.06, "low": 0.02, "high": 0.12}, True),
        ({"share": 0.3, "low": 0.21, "high": 0.4}, False),
        ({"share": 0.3, "low": 0.21, "high": 0.4, "effective": 25.0}, True),
        ({"share": 0.3, "low": None, "high": None}, True),
    ],
)
def test_the_presentation_standards_decide_what_is_uncertain(facts: dict[str, Any], expected: bool) -> None:
    assert is_unreliable(LIMITS, **{"effective": None, **facts}) is expected


def test_a_cell_between_two_loops_of_hidden_ones_is_found() -> None:
    """Two pairs of hidden cells joined by one: every sum has two hidden cells, and the one between still follows."""
    relations = [
        ([0, 1], [1.0, 1.0]),
        ([0, 1, 2, 5], [1.0, 1.0, 1.0, 1.0]),
        ([2, 3, 4, 6], [1.0] * 4),
        ([3, 4], [1.0, 1.0]),
    ]
    primary = np.array([True, True, True, True, True, False, False])
    everything = np.ones(7, dtype=np.bool_)
    counts, bases = np.full(7, 4.0), np.full(7, 40.0)
    hidden = protect(Figures(counts, bases, primary, everything, [(0.0, 1.0)] * 7, relations), primary, 5)
    assert hidden[5] or hidden[6]
    assert hidden.sum() >= 6


def test_nothing_is_hidden_for_nothing() -> None:
    tables = make_tables({"industry": ["a", "b"] * 200}, {"q": ("single", ["x", "x", "y", "y"] * 100)})
    assert not any(row["is_suppressed"] for row in estimate_segments(tables, thresholds()).to_pylist())
    assert pa.types.is_boolean(estimate_segments(tables, thresholds()).schema.field("is_suppressed").type)


def test_no_answer_of_the_demo_survey_discloses_fewer_than_five_people(tmp_path: Path) -> None:
    """Four of five one-way cells are shown. With half the respondents every sixth cell is of few people or a small
    base, and what protects those takes the share below that."""
    write_survey(tmp_path / "survey.csv", 7)
    with (tmp_path / "survey.csv").open(encoding="utf-8") as stream:
        people = list(csv.DictReader(stream))
    dimensions = {
        name: [row[name] or None for row in people] for name in ("company_size", "industry", "customer_focus")
    }
    channels = [name for name in people[0] if name.startswith("channels_")]
    names = {name: "None of these" if name == "channels_none" else name for name in channels}
    ticks = [tuple(names[name] for name in channels if row[name] == "yes") for row in people]
    works = [int(row["effectiveness"]) if row["effectiveness"] else None for row in people]
    questions: dict[str, tuple[str, Any]] = {
        "channels": ("multi", ticks),
        "roi_metric": ("single", [row["roi_metric"] or None for row in people]),
        "effectiveness": ("scale", works),
        "hours": ("number", [float(row["hours_per_week"]) if row["hours_per_week"] else None for row in people]),
    }
    tables = make_tables(dimensions, questions, [float(row["weight"]) for row in people])
    links = [dict(zip(LINK, ("s", "channels", "channels_blog", "blog", "any", "channels", "(any)"), strict=True))]
    marts = publish(tables, links)
    assert disclosed(tables, marts, links) == []
    one_way = [
        row for row in marts["survey_segments"] if row["segment"] != "all" and " x " not in row["segment_dimension"]
    ]
    shown = sum(not row["is_suppressed"] for row in one_way)
    assert len(one_way) == 304
    assert shown / len(one_way) >= 0.8
