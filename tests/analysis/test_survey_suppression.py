"""What is hidden cannot be computed from what is shown: checked by the rank of everything that a reader can add up."""

import csv
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.survey.book import estimate_segments
from pipeline.analysis.survey.sheet import Tables, read_surveys
from pipeline.analysis.survey.suppression import Figures, Limits, is_unreliable, protect
from pipeline.simulate.survey_file import write_survey
from tests.analysis.survey_books import make_survey, make_tables, thresholds

LIMITS = Limits(30, 5, 0.3, 0.05, 1.3, 8)


def disclosed(tables: Tables, question_id: str, cells: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Groups of one to four people whose answer follows from what is published on a question.

    Independent of the product: unknown is the number of people of every combination of segments (none given is one of
    them) and answers; published are linear functions of it. A group's count is disclosed if it is in their span.
    """
    (survey,) = read_surveys(*tables)
    (question,) = [each for each in survey.questions if each.question_id == question_id]
    dimensions = list(survey.dimensions)
    rows = np.flatnonzero(question.answers.answered)
    codes = np.column_stack([survey.dimensions[name][0][rows] for name in dimensions])
    levels = [len(survey.dimensions[name][1]) for name in dimensions]
    selected, options = question.answers.selected[rows], question.answers.options
    combinations = list(product(*[range(-1, count) for count in levels]))
    n_options = len(options)

    def line(inside: Any, factors: np.ndarray) -> np.ndarray:
        return np.concatenate([factors * inside(each) for each in combinations])

    def member(dimension: str, segment: str) -> Any:
        if dimension == "all":
            return lambda _: True
        sides = [
            (dimensions.index(name), survey.dimensions[name][1].index(part))
            for name, part in zip(dimension.split(" x "), segment.split(" x "), strict=True)
        ]
        return lambda each: all(each[at] == code for at, code in sides)

    truth = np.concatenate([selected[(codes == each).all(axis=1)].sum(axis=0) for each in combinations])
    segments = {(row["segment_dimension"], row["segment"]): row for row in cells}
    published, candidates, ones = [], [], np.ones(n_options)
    positions = np.array([float(option) for option in options]) if question.question_type == "scale" else None
    ticked = np.array([not option.startswith("None") for option in options], dtype=float)
    for (dimension, segment), any_row in segments.items():
        inside = member(dimension, segment)
        if question.question_type != "multi":
            published.append(line(inside, ones))
        if not any_row["is_mean_suppressed"] and any_row["base_count"] >= 30:
            published.append(line(inside, positions if positions is not None else ticked))
    for row in cells:
        inside = member(row["segment_dimension"], row["segment"])
        own = line(inside, np.array([option == row["option"] for option in options], dtype=float))
        name = (row["segment_dimension"], row["segment"], row["option"])
        candidates.append((name, own, row["base_count"]))
        if not row["is_suppressed"]:
            published.append(own)
            if row["difference_from_rest"] is not None:
                at = dimensions.index(row["segment_dimension"])
                factors = np.array([option == row["option"] for option in options], dtype=float)
                published.append(line(lambda each, at=at: each[at] >= 0, factors))
    for at, name in enumerate(dimensions):
        base = int((codes[:, at] < 0).sum())
        for option in options:
            factors = np.array([each == option for each in options], dtype=float)
            candidates.append(((name, None, option), line(lambda each, at=at: each[at] < 0, factors), base))
    # Every sum of hidden cells of a segment, or of the segments of a dimension.
    for key in segments:
        hidden = [entry for entry in candidates[: len(cells)] if entry[0][:2] == key]
        hidden = [
            entry for entry, row in zip(candidates, cells, strict=False) if entry in hidden and row["is_suppressed"]
        ]
        if question.question_type != "multi" and 0 < len(hidden) < n_options:
            candidates.append(
                ((*key, "hidden"), np.sum([entry[1] for entry in hidden], axis=0), segments[key]["base_count"])
            )
    basis, spans = np.linalg.svd(np.array(published), full_matrices=False)[1:]
    spans = spans[basis > 1e-9 * basis[0]]
    found = []
    for name, vector, base in candidates:
        count = int(vector @ truth)
        is_few = 0 < count < 5 or 0 < base - count < 5
        if is_few and np.abs(vector - spans.T @ (spans @ vector)).max() < 1e-8:
            found.append((*name, count, base))
    return found


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 100_000), n=st.integers(60, 500))
def test_no_linear_combination_of_shown_cells_gives_a_hidden_one(seed: int, n: int) -> None:
    tables = make_survey(seed, n)
    rows = estimate_segments(tables, thresholds()).to_pylist()
    for question_id in ("channels", "metric", "importance", "effectiveness"):
        assert disclosed(tables, question_id, [row for row in rows if row["question_id"] == question_id]) == []


def test_the_checker_finds_a_cell_that_is_hidden_alone() -> None:
    tables = make_survey(5)
    rows = [row for row in estimate_segments(tables, thresholds()).to_pylist() if row["question_id"] == "metric"]
    for row in rows:
        row["is_suppressed"] = row["segment_dimension"] != "all" and row["segment"] == "50+" and row["option"] == "x"
    assert disclosed(tables, "metric", rows)


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
    questions = {
        "channels": ("multi", ticks),
        "roi_metric": ("single", [row["roi_metric"] or None for row in people]),
        "effectiveness": ("scale", works),
    }
    tables = make_tables(dimensions, questions, [float(row["weight"]) for row in people])
    rows = estimate_segments(tables, thresholds()).to_pylist()
    for question_id in questions:
        assert disclosed(tables, question_id, [row for row in rows if row["question_id"] == question_id]) == []
    one_way = [row for row in rows if row["segment"] != "all" and " x " not in row["segment_dimension"]]
    shown = sum(not row["is_suppressed"] for row in one_way)
    assert len(one_way) == 304
    assert shown / len(one_way) >= 0.8
