"""Distinct tests, ordered scales, sparse tables, classical residuals and designs of two stages, from small tables."""

import math

import pyarrow as pa
import pytest

from pipeline.analysis.survey import adjusted_residuals, association_test, segment_shares
from pipeline.analysis.survey.crosstabs import estimate_segments
from pipeline.analysis.survey.question_tests import estimate_tests
from tests.analysis.survey_books import make_tables, thresholds


def counted(cells: dict[tuple[str, str], int]) -> pa.Table:
    rows = [{"segment": row, "answer": column} for (row, column), count in cells.items() for _ in range(count)]
    return pa.Table.from_pylist(rows)


def test_a_two_by_two_question_is_one_test() -> None:
    focus = ["b2b"] * 100 + ["b2c"] * 100
    answers = ["x"] * 60 + ["y"] * 40 + ["x"] * 44 + ["y"] * 56
    rows = estimate_segments(make_tables({"customer_focus": focus}, {"q": ("single", answers)}), thresholds())
    cells = [row for row in rows.to_pylist() if row["p_value"] is not None]
    assert len(cells) == 4
    for row in cells:
        assert row["p_value"] == pytest.approx(0.0250, abs=0.0001)
        assert row["p_value_adjusted"] == pytest.approx(row["p_value"], rel=1e-9)
        assert row["q_value"] == pytest.approx(row["p_value"], rel=1e-9)
        assert row["is_significant"] is True


def test_two_segments_of_a_question_with_three_answers_pay_for_three_tests() -> None:
    focus = ["b2b"] * 100 + ["b2c"] * 100
    answers = ["x"] * 60 + ["y"] * 20 + ["z"] * 20 + ["x"] * 44 + ["y"] * 26 + ["z"] * 30
    rows = estimate_segments(make_tables({"customer_focus": focus}, {"q": ("single", answers)}), thresholds())
    (smallest,) = {round(row["p_value"], 12) for row in rows.to_pylist() if row["option"] == "x" and row["p_value"]}
    found = {round(row["p_value_adjusted"], 10) for row in rows.to_pylist() if row["option"] == "x" and row["p_value"]}
    assert found == {round(3 * smallest, 10)}


def test_a_scale_is_tested_by_its_means_with_the_unordered_test_beside_it() -> None:
    industry = [name for name in "abc" for _ in range(80)]
    answers = [1 + (at * 7 + at // 80) % 5 for at in range(240)]
    tables = make_tables({"industry": industry}, {"effectiveness": ("scale", answers)})
    main, second = estimate_tests(tables, thresholds()).to_pylist()
    assert (main["test"], main["is_main"], second["test"], second["is_main"]) == (
        "mean_position_f", True, "rao_scott_f", False,
    )  # fmt: skip
    assert (main["df_num"], main["df_den"]) == (2.0, 238.0)
    assert main["p_value_adjusted"] == main["p_value"] == main["q_value"]
    assert second["p_value"] is not None
    assert second["p_value_adjusted"] is second["q_value"] is None


def test_a_sparse_table_is_flagged_with_its_smallest_expected_count() -> None:
    (row,) = association_test(
        counted({("a", "x"): 30, ("a", "y"): 1, ("b", "x"): 28, ("b", "y"): 3}), question="answer", segment="segment"
    ).to_pylist()
    assert (row["status"], row["is_sparse"], row["min_expected"]) == ("ok", True, pytest.approx(2.0))
    assert row["status_reason"].startswith("sparse table: the smallest expected count is 2")
    (full,) = association_test(
        counted({("a", "x"): 5, ("a", "y"): 5, ("b", "x"): 5, ("b", "y"): 5}), question="answer", segment="segment"
    ).to_pylist()
    assert (full["is_sparse"], full["min_expected"], full["status_reason"]) == (False, pytest.approx(5.0), "")


def test_residuals_of_a_simple_sample_are_the_classical_ones() -> None:
    cells = {("a", "x"): 20, ("a", "y"): 10, ("b", "x"): 15, ("b", "y"): 35}
    found = adjusted_residuals(counted(cells), question="answer", segment="segment").to_pylist()
    expected = (20 - 30 * 35 / 80) / math.sqrt(30 * 35 / 80 * (1 - 30 / 80) * (1 - 35 / 80))
    assert [row["adjusted_residual"] for row in found] == pytest.approx([expected, -expected, -expected, expected])
    assert found[0]["p_value"] == pytest.approx(math.erfc(expected / math.sqrt(2)), rel=1e-12)
    (test,) = association_test(counted(cells), question="answer", segment="segment").to_pylist()
    assert test["chi_square"] == pytest.approx(expected**2, rel=1e-12)  # of a 2 x 2 table


def test_the_variance_of_two_stages_counts_both_populations() -> None:
    """Two of 10 schools, then 2 of 4 and 3 of 6 pupils: variance of the share of yes, by hand from the definition."""
    rows = [("s1", "yes", 4), ("s1", "no", 4), ("s2", "yes", 6), ("s2", "yes", 6), ("s2", "no", 6)]
    table = pa.table(
        {
            "school": [row[0] for row in rows],
            "pupil": list(range(5)),
            "answer": [row[1] for row in rows],
            "schools": [10] * 5,
            "pupils": [row[2] for row in rows],
        }
    )
    weights = [10 / 2 * 4 / 2] * 2 + [10 / 2 * 6 / 3] * 3  # 10 each
    share = 30 / 50
    scores = [w * ((row[1] == "yes") - share) / 50 for w, row in zip(weights, rows, strict=True)]
    totals = [sum(scores[:2]), sum(scores[2:])]
    first = (1 - 2 / 10) * 2 * sum((total - sum(totals) / 2) ** 2 for total in totals)
    inside = [(1 - 2 / 4) * 2 * sum((z - totals[0] / 2) ** 2 for z in scores[:2])]
    inside.append((1 - 3 / 6) * 3 / 2 * sum((z - totals[1] / 3) ** 2 for z in scores[2:]))
    expected = math.sqrt(first + 2 / 10 * sum(inside))
    for cluster in (["school", "pupil"], "school"):
        found = segment_shares(table, question="answer", segment=None, cluster=cluster, fpc=["schools", "pupils"])
        (yes,) = [row for row in found.to_pylist() if row["option"] == "yes"]
        assert yes["share"] == pytest.approx(share)
        assert yes["standard_error"] == pytest.approx(expected, rel=1e-12)
        assert yes["degrees_of_freedom"] == 1
    small = table.set_column(4, "pupils", pa.array([1.5, 1.5, 6, 6, 6]))
    with pytest.raises(ValueError, match="the population of a unit of 'school' is smaller than its sample"):
        segment_shares(small, question="answer", segment=None, cluster="school", fpc=["schools", "pupils"])
