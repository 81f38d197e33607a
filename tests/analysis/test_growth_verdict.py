"""The written rules of the verdict, the ratio's interval, and the words."""

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.growth.contrasts import fieller_interval
from pipeline.analysis.growth.tables import ESTIMATES, build_table
from pipeline.analysis.growth.verdict import decide_verdict, judge_growth


def row(low: float | None, high: float | None, status: str = "ok") -> dict[str, object]:
    middle = None if low is None or high is None else (low + high) / 2
    return {
        "conf_low": low,
        "conf_high": high,
        "standardised_low": low,
        "standardised_high": high,
        "standardised_estimate": middle,
        "status": status,
    }


ABOVE, BELOW, AROUND = row(0.001, 0.003), row(-0.003, -0.001), row(-0.001, 0.001)


@pytest.mark.parametrize(
    ("quality", "volume", "difference", "placebo", "verdict"),
    [
        (ABOVE, AROUND, ABOVE, (0.5, 0.004), "quality_larger"),
        (AROUND, ABOVE, BELOW, (0.5, 0.0), "volume_larger"),
        (ABOVE, ABOVE, AROUND, (0.5, 0.0), "no_difference_shown"),
        # Harm by volume makes the difference positive, but quality does nothing.
        (AROUND, BELOW, ABOVE, (0.5, 0.0), "no_difference_shown"),
        (BELOW, AROUND, BELOW, (0.5, 0.0), "no_difference_shown"),
        # A placebo takes the verdict if it is significant and half as large as the effect, in either direction.
        (ABOVE, AROUND, ABOVE, (0.049, 0.001), "reverse_causality_not_excluded"),
        (ABOVE, AROUND, ABOVE, (0.049, -0.001), "reverse_causality_not_excluded"),
        (ABOVE, AROUND, ABOVE, (0.001, 0.0009), "quality_larger"),
        (AROUND, AROUND, AROUND, (0.001, 0.0009), "reverse_causality_not_excluded"),
        # A placebo that cannot be computed speaks for no order.
        (ABOVE, AROUND, ABOVE, (None, None), "insufficient_data"),
        (ABOVE, AROUND, row(None, None, "insufficient_data"), (0.5, 0.0), "insufficient_data"),
        (row(None, None, "not_testable"), AROUND, ABOVE, (0.001, 0.9), "insufficient_data"),
    ],
)
def test_the_first_rule_that_holds_decides(quality, volume, difference, placebo, verdict) -> None:
    got = decide_verdict(
        quality=quality,
        volume=volume,
        difference=difference,
        difference_p_value=0.01,
        placebo_p_value=placebo[0],
        placebo_effect=placebo[1],
    )
    assert got == verdict


def test_an_interval_above_zero_names_no_winner_if_the_adjusted_p_is_not_significant() -> None:
    figures = {"quality": ABOVE, "volume": AROUND, "difference": ABOVE, "placebo_p_value": 0.5, "placebo_effect": 0.0}
    assert decide_verdict(**figures, difference_p_value=0.051) == "no_difference_shown"
    assert decide_verdict(**figures, difference_p_value=0.049) == "quality_larger"


def estimate_rows(dimension: str, segment: str, difference_p: float, placebo_p: float, **facts: object) -> list[dict]:
    """Rows of a segment in which quality is larger by its interval."""
    shared = {"segment_dimension": dimension, "segment": segment, "status": "ok"}
    base = {"account_count": 12, "observation_count": 400, "within_r2": 0.123, "reliability": 0.5}
    base |= {"quality_bases": "engagement_per_impression (12 accounts)"}
    figures = {"standardised_estimate": 0.004, "standardised_low": 0.003, "standardised_high": 0.005}
    rows = [
        {**shared, **base, **figures, **facts, "specification": "same_and_previous_week", "term": term}
        | {"conf_low": 0.01, "conf_high": 0.02, "p_value": difference_p}
        for term in ("quality", "volume", "quality_minus_volume")
    ]
    placebo = {"specification": "lead_placebo", "term": "quality_next_week", "p_value": placebo_p}
    return [*rows, {**shared, **placebo, "standardised_estimate": 0.003}]


def test_segments_are_judged_by_p_values_adjusted_over_all_of_them_and_the_whole_panel_is_not() -> None:
    rows = estimate_rows("all", "all", 0.04, 0.3)
    for number in range(10):
        difference_p, placebo_p = (0.04, 0.04) if number == 0 else (0.3 + number / 20, 0.3 + number / 20)
        rows += estimate_rows("industry", f"segment {number}", difference_p, placebo_p)
    whole, first, *_ = judge_growth(build_table(rows, ESTIMATES)).to_pylist()
    assert (whole["verdict"], whole["p_value_adjusted"], whole["placebo_p_value_adjusted"]) == (
        "quality_larger",
        0.04,
        0.3,
    )
    # Ten tests: the smallest p of 0.04 counts as 0.4, for the difference and for the placebo alike.
    assert (first["p_value"], first["p_value_adjusted"]) == (0.04, pytest.approx(0.4))
    assert (first["placebo_p_value"], first["placebo_p_value_adjusted"]) == (0.04, pytest.approx(0.4))
    assert first["verdict"] == "no_difference_shown"


def test_a_segment_without_a_model_has_insufficient_data_and_the_whole_panel_comes_first() -> None:
    rows = [
        {"specification": "same_week", "segment_dimension": dimension, "segment": segment, "term": "quality"}
        for dimension, segment in (("platform", "x"), ("all", "all"), ("industry", "media"))
    ]
    got = judge_growth(build_table([{**each, "status": "ok"} for each in rows], ESTIMATES))
    assert got["segment_dimension"].to_pylist() == ["all", "industry", "platform"]
    assert set(got["verdict"].to_pylist()) == {"insufficient_data"}
    assert got["status_reason"].to_pylist()[0] == "the model was not estimated"


def say(**facts: object) -> str:
    (verdict,) = judge_growth(build_table(estimate_rows("all", "all", 0.001, 0.3, **facts), ESTIMATES)).to_pylist()
    assert verdict["verdict"] == "quality_larger"
    return verdict["summary_text"]


def test_the_statement_names_the_measure_and_carries_effects_intervals_and_n() -> None:
    statement = say()
    for part in (
        "Better posts are linked to faster growth than more posts are.",
        "by reactions per impression is linked to 0.40 (0.30 to 0.50) points",
        "12 accounts and 400 account-weeks",
        "a pattern, not a cause: news, ads or reach",
    ):
        assert part in statement
    assert "reliability" not in statement
    assert "clicks per link post" in say(quality_bases="clicks_per_link_post (12 accounts)")


def test_reactions_per_post_are_never_called_better_posts() -> None:
    for bases in (
        "engagement_per_post (12 accounts)",
        "engagement_per_impression (11 accounts), engagement_per_post (1 account)",
    ):
        statement = say(quality_bases=bases)
        assert "Posts that draw more reactions are linked to faster growth" in statement
        assert "better content or more reach; only impressions could separate them" in statement
        assert "better posts" not in statement.lower()


def test_a_reliability_below_three_tenths_is_said() -> None:
    assert "mostly noise here (reliability 0.15)" in say(reliability=0.15)
    assert "reliability" not in say(reliability=0.3)


@given(
    st.floats(-5, 5),
    st.floats(0.5, 5),
    st.floats(0.001, 0.04),
    st.floats(0.001, 0.04),
    st.floats(-0.9, 0.9),
)
def test_both_ends_of_a_ratio_lie_on_the_edge_of_rejection(
    numerator: float, denominator: float, variance: float, other: float, correlation: float
) -> None:
    covariance = correlation * math.sqrt(variance * other)
    limits = fieller_interval(numerator, denominator, variances=(variance, other), covariance=covariance, quantile=2.0)
    assert limits is not None
    assert limits[0] <= numerator / denominator <= limits[1]
    for limit in limits:
        error = math.sqrt(max(variance - 2 * limit * covariance + limit**2 * other, 0.0))
        assert abs(numerator - limit * denominator) == pytest.approx(2.0 * error, rel=1e-5, abs=1e-7)


def test_a_denominator_that_may_be_zero_has_no_ratio() -> None:
    assert fieller_interval(1.0, 0.1, variances=(0.01, 0.01), covariance=0.0, quantile=2.0) is None
    assert isinstance(judge_growth(pa.table({f.name: pa.array([], f.type) for f in ESTIMATES})), pa.Table)
