"""Means, importance against effectiveness, what is linked to success, models, benchmarks and weights of surveys."""

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import svy
from scipy import stats
from svy.core.terms import Cat

from pipeline.analysis.survey.contrasts import estimate_pairs, estimate_what_works
from pipeline.analysis.survey.models import estimate_models
from pipeline.analysis.survey.published import describe_weights, estimate_linked
from pipeline.analysis.survey.segment_means import estimate_means
from tests.analysis.survey_books import make_survey, make_tables, thresholds


def rows_of(table: pa.Table, **where: Any) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if all(row[name] == value for name, value in where.items())]


def test_the_number_of_initiatives_does_not_count_none_of_these() -> None:
    answers = [("a", "b"), ("None of these",), ("a",), None] * 25
    tables = make_tables({"industry": ["x"] * 50 + ["y"] * 50}, {"channels": ("multi", answers)})
    (row,) = rows_of(estimate_means(tables, thresholds()), segment="all")
    counts = np.array([2, 0, 1] * 25)
    # Who did not answer is outside the domain and inside the design: 100 respondents were drawn.
    error = np.sqrt(100 / 99 * ((counts - 1.0) ** 2).sum()) / 75
    reach = stats.t.ppf(0.975, 74) * error
    assert (row["measure"], row["base_count"]) == ("ticked_option_count", 75)
    assert (row["mean"], row["mean_low"], row["mean_high"]) == pytest.approx((1.0, 1 - reach, 1 + reach))


def test_means_of_small_segments_are_hidden_and_cannot_be_computed_from_the_others() -> None:
    hours = [float(at % 7) for at in range(120)]
    tables = make_tables({"industry": ["x"] * 60 + ["y"] * 57 + ["z"] * 3}, {"hours": ("number", hours)})
    rows = estimate_means(tables, thresholds())
    assert rows_of(rows, segment="z")[0]["status"] == "suppressed"
    hidden = rows_of(rows, segment="y")[0]
    assert (hidden["mean"], hidden["status_reason"]) == (
        None,
        "hidden: with other figures it would reveal what one to 4 people answered",
    )
    assert rows_of(rows, segment="x")[0]["mean"] == pytest.approx(np.mean(hours[:60]))


def test_importance_and_effectiveness_are_compared_within_persons() -> None:
    important = [4, 5, 5, 2, 1] * 20
    effective = [4, 2, 5, 2, 4] * 20
    questions = {"importance": ("scale", important), "effectiveness": ("scale", effective)}
    (row,) = rows_of(estimate_pairs(make_tables({"industry": ["x"] * 100}, questions), thresholds()), segment="all")
    gaps = (np.array(effective) >= 4).astype(float) - (np.array(important) >= 4)
    expected = stats.ttest_1samp(gaps, 0)
    assert (row["important_share"], row["effective_share"]) == pytest.approx((0.6, 0.6))
    assert row["difference"] == pytest.approx(gaps.mean(), abs=1e-12)
    assert row["p_value"] == pytest.approx(expected.pvalue)


def test_two_multi_select_questions_are_compared_option_by_option() -> None:
    important = [("ads", "blog"), ("ads",), ("blog",), ("video",)] * 25
    effective = [("blog",), ("blog",), ("ads",), ("ads",)] * 25
    questions = {"channel_importance": ("multi", important), "channel_effectiveness": ("multi", effective)}
    tables = make_tables({"industry": ["x"] * 100}, questions)
    options = tables[2].set_column(
        tables[2].schema.get_field_index("question_role"),
        "question_role",
        pa.array([text.removeprefix("channel_") for text in tables[2].column("question_id").to_pylist()]),
    )
    rows = rows_of(estimate_pairs((*tables[:2], options, tables[3]), thresholds()), segment="all")
    assert [row["item"] for row in rows] == ["ads", "blog"]
    assert [(row["important_share"], row["effective_share"]) for row in rows] == [(0.5, 0.5), (0.5, 0.5)]


def test_what_goes_with_success_is_a_difference_between_users_and_others() -> None:
    uses = [("video",), ("blog",)] * 60
    success = [5, 3, 4, 2] * 30
    questions = {"channels": ("multi", uses), "effectiveness": ("scale", success)}
    rows = estimate_what_works(make_tables({"industry": ["x"] * 120}, questions), thresholds())
    (row,) = rows_of(rows, option="video", segment="all")
    assert (row["user_mean"], row["other_mean"], row["difference"]) == pytest.approx((4.5, 2.5, 2.0))
    assert row["p_value_adjusted"] == pytest.approx(min(1.0, 2 * row["p_value"]))


def test_the_logistic_model_is_that_of_svy_and_tells_the_dimension_that_is_left() -> None:
    rng = np.random.default_rng(2)
    size = rng.choice(["large", "small"], 1500, p=[0.4, 0.6])
    focus = np.where(rng.random(1500) < np.where(size == "large", 0.8, 0.2), "b2b", "b2c")  # correlated with size
    answer = np.where(rng.random(1500) < np.where(size == "large", 0.65, 0.35), "yes", "no")  # depends on size alone
    weights = np.exp(rng.normal(0, 0.4, 1500))
    tables = make_tables(
        {"company_size": size.tolist(), "customer_focus": focus.tolist()},
        {"q": ("single", answer.tolist())},
        weights.tolist(),
    )
    found = estimate_models(tables, thresholds())
    frame = pl.DataFrame({"size": size, "focus": focus, "y": (answer == "yes").astype(float), "w": weights})
    terms = [Cat("size", ref="small"), Cat("focus", ref="b2c")]
    theirs = svy.Sample(frame, svy.Design(wgt="w")).glm.fit("y", x=terms, family="binomial").to_polars()
    for row, (dimension, segment) in zip(
        theirs.rows(named=True)[1:], [("company_size", "large"), ("customer_focus", "b2b")], strict=True
    ):
        (ours,) = rows_of(found, option="yes", segment_dimension=dimension, segment=segment)
        assert ours["log_odds"] == pytest.approx(row["estimate"], abs=1e-7)
        assert np.log(ours["odds_ratio_low"]) == pytest.approx(row["conf_low"], abs=1e-6)
        assert ours["p_value"] == pytest.approx(row["p_value"], abs=1e-8)
    joint = {row["segment_dimension"]: row for row in rows_of(found, option="yes", segment=None)}
    assert joint["company_size"]["p_value_adjusted"] < 0.001
    assert joint["customer_focus"]["p_value_adjusted"] > 0.05


def test_a_model_without_enough_answers_says_so() -> None:
    short = rows_of(estimate_models(make_survey(1, 60), thresholds()), status="insufficient_data")
    assert short
    assert "fewer than 10 respondents per term" in short[0]["status_reason"]
    assert {row["odds_ratio"] for row in short} == {None}


def test_a_benchmark_counts_only_the_denominator_of_the_published_figure() -> None:
    channels = [("twitter", "blog"), ("blog",), ("None of these",), ("twitter",)] * 50
    tables = make_tables({"customer_focus": ["b2b", "b2c"] * 100}, {"channels": ("multi", channels)})
    link = {"survey_id": "s", "question_id": "channels", "option": "twitter", "benchmark_id": "b"}
    shares = {}
    for denominator, base in (
        ("all", (None, None)),
        ("active", ("channels", "(any)")),
        ("bloggers", ("channels", "blog")),
    ):
        links = [{**link, "denominator": denominator, "base_question_id": base[0], "base_option": base[1]}]
        (row,) = rows_of(estimate_linked(tables, pa.Table.from_pylist(links), thresholds()), segment="all")
        shares[denominator] = (row["base_count"], row["share"])
    assert shares == {"all": (200, 0.5), "active": (150, pytest.approx(2 / 3)), "bloggers": (100, 0.5)}
    links = [{**link, "option": "nothing", "denominator": "all", "base_question_id": None, "base_option": None}]
    assert estimate_linked(tables, pa.Table.from_pylist(links), thresholds()).num_rows == 0


def test_population_shares_rake_the_survey_and_bad_ones_only_leave_a_note() -> None:
    answers = {"q": ("single", ["yes", "yes", "no", "no"] * 50)}
    dimensions = {"customer_focus": ["b2b", "b2b", "b2b", "b2c"] * 50}

    def margins(b2b: float, b2c: float) -> list[dict[str, Any]]:
        same = {"survey_id": "s", "segment_dimension": "customer_focus"}
        return [{**same, "segment": name, "population_share": share} for name, share in (("b2b", b2b), ("b2c", b2c))]

    (row,) = describe_weights(make_tables(dimensions, answers, margins=margins(0.5, 0.5))).to_pylist()
    assert (row["weighting"], row["largest_by_smallest"]) == ("raked", pytest.approx(3.0))
    (row,) = describe_weights(make_tables(dimensions, answers, margins=margins(0.5, 0.9))).to_pylist()
    assert (row["weighting"], row["note"]) == (
        "none",
        "not raked: the population shares of customer_focus add up to 1.4, not to 1",
    )
