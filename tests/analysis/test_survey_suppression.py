"""What is hidden cannot be computed from what is shown: checked by the rank of everything that a reader can add up."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.survey.book import estimate_segments
from pipeline.analysis.survey.suppression import Limits, primary_reason, protect
from tests.analysis.survey_books import make_survey, make_tables, thresholds

LIMITS = Limits(30, 5, 0.3, 0.05, 1.3, 8)


def exposed(rows: list[dict[str, Any]], positions: dict[str, float] | None) -> list[tuple[str, str, str]]:
    """Hidden cells of one question that follow from the shown ones, the bases and, of a scale, the means.

    Written from the published columns alone: dimensions add up to everybody, crossed segments to their sides, options
    to the base (single, scale) or to the ticks (multi, where none-of-these is no tick).
    """
    at = {(row["segment_dimension"], row["segment"], row["option"]): number for number, row in enumerate(rows)}
    segments = {key[:2] for key in at}
    options = {row["option"] for row in rows}
    equations = []

    def equation(factors: dict[tuple[str, str, str], float]) -> None:
        line = np.zeros(len(rows))
        for key, factor in factors.items():
            line[at[key]] = factor
        equations.append(line)

    for option in options:
        for dimension in {name for name, _ in segments if name != "all" and " x " not in name}:
            parts = [segment for name, segment in segments if name == dimension]
            equation({("all", "all", option): 1.0, **{(dimension, part, option): -1.0 for part in parts}})
        for dimension in {name for name, _ in segments if " x " in name}:
            crossed = [segment for name, segment in segments if name == dimension]
            for side, name in enumerate(dimension.split(" x ")):
                for part in {segment.split(" x ")[side] for segment in crossed}:
                    mine = [segment for segment in crossed if segment.split(" x ")[side] == part]
                    equation({(name, part, option): 1.0, **{(dimension, segment, option): -1.0 for segment in mine}})
    for name, segment in segments:
        counted = [option for option in options if not option.startswith("None")]
        equation({(name, segment, option): 1.0 for option in counted})
        if positions:
            equation({(name, segment, option): positions[option] for option in counted})
    hidden = [number for number, row in enumerate(rows) if row["is_suppressed"]]
    system = np.array(equations)[:, hidden]
    rank = np.linalg.matrix_rank(system)
    found = []
    for column, number in enumerate(hidden):
        alone = np.zeros(len(hidden))
        alone[column] = 1.0
        if np.linalg.matrix_rank(np.vstack([system, alone])) == rank:
            found.append((rows[number]["segment_dimension"], rows[number]["segment"], rows[number]["option"]))
    return found


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(60, 500))
def test_no_linear_combination_of_shown_cells_gives_a_hidden_one(seed: int, n: int) -> None:
    rows = estimate_segments(make_survey(seed, n), thresholds()).to_pylist()
    assert any(row["is_suppressed"] for row in rows)
    for question_id in ("channels", "metric", "importance", "effectiveness"):
        cells = [row for row in rows if row["question_id"] == question_id]
        positions = (
            {str(at): float(at) for at in range(1, 6)} if question_id.endswith("nce") or "eff" in question_id else None
        )
        assert exposed(cells, positions) == []


def test_a_hidden_cell_shows_nothing_and_a_shown_one_is_large_enough() -> None:
    rows = estimate_segments(make_survey(5), thresholds()).to_pylist()
    for row in rows:
        numbers = [row[name] for name in ("respondent_count", "share", "share_low", "standard_error", "p_value")]
        if row["is_suppressed"]:
            assert numbers == [None] * 5
            assert row["suppression_reason"] in {"small_base", "small_cell", "unreliable", "complementary"}
        else:
            assert row["base_count"] >= 30
            assert row["respondent_count"] == 0 or row["respondent_count"] >= 5
            assert row["share_high"] - row["share_low"] < 0.3


def test_one_hidden_segment_hides_a_second_one_and_never_everybody() -> None:
    tables = make_tables(
        {"industry": ["a"] * 100 + ["b"] * 100 + ["c"] * 10},
        {"q": ("multi", [("x",), ("y",)] * 105)},
    )
    rows = estimate_segments(tables, thresholds()).to_pylist()
    shown = {(row["segment"], row["option"]): row["suppression_reason"] for row in rows}
    assert shown["c", "x"] == shown["c", "y"] == "small_base"
    assert [shown[segment, "x"] for segment in "ab"].count("complementary") == 1
    assert shown["all", "x"] is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"count": 10, "base": 29, "share": 0.3, "low": 0.2, "high": 0.4}, "small_base"),
        ({"count": 4, "base": 100, "share": 0.04, "low": 0.03, "high": 0.05}, "small_cell"),
        ({"count": 0, "base": 60, "share": 0.0, "low": 0.0, "high": 0.06}, None),
        ({"count": 20, "base": 40, "share": 0.5, "low": 0.34, "high": 0.66}, "unreliable"),
        ({"count": 6, "base": 100, "share": 0.06, "low": 0.02, "high": 0.12}, "unreliable"),
        ({"count": 30, "base": 100, "share": 0.3, "low": 0.21, "high": 0.4}, None),
        ({"count": 30, "base": 100, "share": 0.3, "low": 0.21, "high": 0.4, "effective": 25.0}, "unreliable"),
        ({"count": 30, "base": 100, "share": 0.3, "low": None, "high": None}, "unreliable"),
    ],
)
def test_the_presentation_standards_decide_what_is_shown_by_itself(facts: dict[str, Any], reason: str | None) -> None:
    assert primary_reason(LIMITS, **{"effective": None, **facts}) == reason


def test_a_cell_between_two_loops_of_hidden_ones_is_found() -> None:
    """Two pairs of hidden cells joined by one: every sum has two hidden cells, and the one between still follows."""
    relations = [
        ([0, 1], [1.0, 1.0]),
        ([0, 1, 2, 5], [1.0, 1.0, 1.0, 1.0]),
        ([2, 3, 4, 6], [1.0] * 4),
        ([3, 4], [1.0, 1.0]),
    ]
    primary = np.array([True, True, True, True, True, False, False])
    hidden = protect(primary, [(0.0, 1.0)] * 7, relations)
    assert hidden[5] or hidden[6]
    assert hidden.sum() >= 6


def test_nothing_is_hidden_for_nothing() -> None:
    tables = make_tables({"industry": ["a", "b"] * 200}, {"q": ("single", ["x", "x", "y", "y"] * 100)})
    assert not any(row["is_suppressed"] for row in estimate_segments(tables, thresholds()).to_pylist())
    assert pa.types.is_boolean(estimate_segments(tables, thresholds()).schema.field("is_suppressed").type)
