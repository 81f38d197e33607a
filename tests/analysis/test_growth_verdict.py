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
    return {"conf_low": low, "conf_high": high, "status": status}


ABOVE, BELOW, AROUND = row(0.001, 0.003), row(-0.003, -0.001), row(-0.001, 0.001)


@pytest.mark.parametrize(
    ("quality", "volume", "difference", "placebo", "verdict"),
    [
        (ABOVE, AROUND, ABOVE, 0.5, "quality_larger"),
        (AROUND, ABOVE, BELOW, 0.5, "volume_larger"),
        (ABOVE, ABOVE, AROUND, 0.5, "no_difference_shown"),
        # Harm by volume makes the difference positive, but quality does nothing.
        (AROUND, BELOW, ABOVE, 0.5, "no_difference_shown"),
        (BELOW, AROUND, BELOW, 0.5, "no_difference_shown"),
        (ABOVE, AROUND, ABOVE, 0.049, "reverse_causality_not_excluded"),
        (ABOVE, AROUND, ABOVE, None, "reverse_causality_not_excluded"),
        (ABOVE, AROUND, row(None, None, "insufficient_data"), 0.5, "insufficient_data"),
        (row(None, None, "not_testable"), AROUND, ABOVE, 0.001, "insufficient_data"),
    ],
)
def test_the_first_rule_that_holds_decides(quality, volume, difference, placebo, verdict) -> None:
    got = decide_verdict(quality=quality, volume=volume, difference=difference, placebo_p_value=placebo)
    assert got == verdict


def test_a_segment_without_a_model_has_insufficient_data_and_the_whole_panel_comes_first() -> None:
    rows = [
        {"specification": "same_week", "segment_dimension": dimension, "segment": segment, "term": "quality"}
        for dimension, segment in (("platform", "x"), ("all", "all"), ("industry", "media"))
    ]
    got = judge_growth(build_table([{**each, "status": "ok"} for each in rows], ESTIMATES))
    assert got["segment_dimension"].to_pylist() == ["all", "industry", "platform"]
    assert set(got["verdict"].to_pylist()) == {"insufficient_data"}
    assert got["status_reason"].to_pylist()[0] == "the model was not estimated"


def test_the_statement_carries_effects_intervals_and_n() -> None:
    shared = {"specification": "lagged", "segment_dimension": "all", "segment": "all", "status": "ok"}
    facts = {"account_count": 12, "observation_count": 400, "within_r2": 0.123}
    figures = {"standardised_estimate": 0.004, "standardised_low": 0.003, "standardised_high": 0.005}
    rows = [
        {**shared, **facts, **figures, "term": term, "conf_low": 0.01, "conf_high": 0.02}
        for term in ("quality", "volume", "quality_minus_volume")
    ]
    placebo = {**shared, "specification": "lead_placebo", "term": "quality_next_week", "p_value": 0.3}
    (verdict,) = judge_growth(build_table([*rows, placebo], ESTIMATES)).to_pylist()
    assert verdict["verdict"] == "quality_larger"
    for part in ("0.40 % (0.30 to 0.50) for one of quality", "12 accounts, 400 account-weeks", "within-R2 0.12"):
        assert part in verdict["statement"]
    assert "association" in verdict["statement"]


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
