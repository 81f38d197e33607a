"""Raking: margins are met, what cannot be met is refused, and standard errors know it."""

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import svy

from pipeline.analysis.survey import rake, segment_shares


def make_sample() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    size, focus = rng.choice(["small", "mid", "large"], 400, p=[0.6, 0.3, 0.1]), rng.choice(["b2b", "b2c"], 400)
    answer = np.where(rng.random(400) < 0.3 + 0.3 * (size == "small"), "yes", "no")
    return {"size": size, "focus": focus, "answer": answer, "weight": np.exp(rng.normal(0, 0.5, 400))}


def margins(total: float) -> dict[str, dict[str, float]]:
    shares = {"size": {"small": 0.5, "mid": 0.3, "large": 0.2}, "focus": {"b2b": 0.35, "b2c": 0.65}}
    return {name: {level: share * total for level, share in levels.items()} for name, levels in shares.items()}


def test_the_margins_are_met_to_ten_digits_and_shares_keep_the_sum_of_weights() -> None:
    sample = make_sample()
    raking = rake(pa.table(sample), margins=margins(5000.0), weight="weight", trim_at=None)
    for name, levels in margins(5000.0).items():
        for level, total in levels.items():
            assert raking.weights[sample[name] == level].sum() == pytest.approx(total, rel=1e-9)
    as_shares = rake(pa.table(sample), margins=margins(1.0), weight="weight", trim_at=None)
    assert as_shares.weights.sum() == pytest.approx(sample["weight"].sum())
    np.testing.assert_allclose(as_shares.weights / as_shares.weights.sum(), raking.weights / 5000.0, rtol=1e-8)
    ratio = 400 * (raking.weights**2).sum() / 5000.0**2
    assert raking.kish_design_effect == pytest.approx(ratio)


def test_two_margins_are_met_as_by_hand() -> None:
    # a x 30, a y 10, b x 20, b y 40; wanted: a 60, b 40, x 55, y 45. The odds ratio 6 stays, so with t in cell a x:
    # t (t - 15) = 6 (60 - t) (55 - t), and t = (675 - sqrt(675^2 - 20 * 19800)) / 10.
    cells = [("a", "x", 30), ("a", "y", 10), ("b", "x", 20), ("b", "y", 40)]
    table = pa.table({name: [cell[place] for cell in cells] for place, name in enumerate(("row", "column", "weight"))})
    wanted = {"row": {"a": 60.0, "b": 40.0}, "column": {"x": 55.0, "y": 45.0}}
    raking = rake(table, margins=wanted, weight="weight", trim_at=None)
    t = (675 - (675**2 - 20 * 19800) ** 0.5) / 10
    assert raking.weights.tolist() == pytest.approx([t, 60 - t, 55 - t, t - 15], rel=1e-9)
    rounded = {"row": {"a": 60.0, "b": 40.0}, "column": {"x": 55.0 + 4e-8, "y": 45.0}}
    again = rake(table, margins=rounded, weight="weight", trim_at=None)
    assert again.weights.tolist() == pytest.approx(raking.weights.tolist(), rel=1e-8)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        # Nobody is b and y, so y takes 70 of the 50 that a has.
        ({"a": 50.0, "b": 50.0}, "instead of"),
        # Met only if nobody counts who is a and x.
        ({"a": 70.0, "b": 30.0}, "collapse one with a neighbour"),
    ],
)
def test_margins_that_the_empty_cells_leave_no_room_for_are_refused(row: dict[str, float], words: str) -> None:
    table = pa.table({"row": ["a", "a", "b"], "column": ["x", "y", "x"]})
    with pytest.raises(ValueError, match=f"no weights meet these margins: after 5,000 rounds .*{words}"):
        rake(table, margins={"row": row, "column": {"x": 30.0, "y": 70.0}}, trim_at=None)


def test_an_empty_cell_that_leaves_room_stays_empty_and_weights_of_zero_stay_zero() -> None:
    table = pa.table({"row": ["a", "a", "b", None], "column": ["x", "y", "x", "x"], "weight": [1.0, 1.0, 1.0, 0.0]})
    wanted = {"row": {"a": 70.0, "b": 30.0}, "column": {"x": 60.0, "y": 40.0}}
    raking = rake(table, margins=wanted, weight="weight", trim_at=None)
    assert raking.weights.tolist() == pytest.approx([30.0, 40.0, 30.0, 0.0], rel=1e-9)


def test_estimates_after_raking_are_those_of_svy_and_differ_from_weights_taken_as_given() -> None:
    sample = make_sample()
    table, total = pa.table(sample), float(sample["weight"].sum())
    raking = rake(table, margins=margins(total), weight="weight", trim_at=None)
    theirs = svy.Sample(pl.DataFrame(sample), svy.Design(wgt="weight")).weighting.rake(
        controls=margins(total), wgt_name="raked", tol=1e-12, max_iter=1000
    )
    for segment in (None, "size"):
        estimates = theirs.estimation.prop("answer", by=segment, ci_method="korn-graubard").to_polars()
        found = segment_shares(table, question="answer", segment=segment, raking=raking).to_pylist()
        ours = {(row["segment"], row["option"]): (row["share"], row["standard_error"]) for row in found}
        for row in estimates.iter_rows(named=True):
            key = (row["size"] if segment else "all", row["answer"])
            assert ours[key] == pytest.approx((row["est"], row["se"]), abs=1e-8)
    # What the margins fix does not vary from sample to sample.
    fixed = segment_shares(
        table.append_column("w", pa.array(raking.weights)), question="size", segment=None, weight="w"
    )
    known = segment_shares(table, question="size", segment=None, raking=raking)
    assert min(fixed.column("standard_error").to_pylist()) > 0.01
    assert max(known.column("standard_error").to_pylist()) < 1e-9


def test_large_weights_are_trimmed_once_and_the_margins_still_hold() -> None:
    sample = make_sample()
    sample["weight"][:3] = 40.0
    raking = rake(pa.table(sample), margins=margins(1000.0), weight="weight")
    assert raking.trimmed_count >= 3
    assert (
        raking.largest_by_smallest
        < rake(pa.table(sample), margins=margins(1000.0), weight="weight", trim_at=None).largest_by_smallest
    )
    assert raking.weights[sample["focus"] == "b2b"].sum() == pytest.approx(350.0, rel=1e-9)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"focus": {"b2b": 10.0, "b2c": 10.0}, "size": {"small": 5, "mid": 5, "large": 5}}, "unequal totals"),
        ({"focus": {"b2b": 10.0}}, "no total for b2c"),
        ({"focus": {"b2b": 10.0, "b2c": 5.0, "both": 5.0}}, "nobody in the sample has 'focus' = both"),
        ({"focus": {"b2b": 10.0, "b2c": 0.0}}, "without a positive total"),
        ({"answer_2": {"yes": 1.0}}, "no column 'answer_2'"),
    ],
)
def test_margins_that_no_weights_can_meet_are_refused(given: dict[str, dict[str, float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rake(pa.table(make_sample()), margins=given)


def test_a_respondent_without_a_level_is_refused_and_thin_levels_are_named() -> None:
    sample = make_sample()
    gap = pa.table({**sample, "focus": [None, *sample["focus"][1:]]})
    with pytest.raises(ValueError, match="1 respondents have no 'focus'"):
        rake(gap, margins={"focus": {"b2b": 1.0, "b2c": 1.0}})
    tiny = pa.table({"size": ["a"] * 50 + ["b"] * 5})
    assert rake(tiny, margins={"size": {"a": 0.8, "b": 0.2}}).thin_levels == ("size: b (5 respondents)",)
