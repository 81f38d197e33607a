"""Growth attribution on panels with a known truth: what is found, what is not, and what is refused."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from growth_worlds import draw_panel, draw_segments

from pipeline.analysis.growth import estimate_growth
from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.specifications import PLACEBO_TERM, SPECIFICATIONS, find_specification
from pipeline.analysis.growth.tables import ESTIMATES, build_table
from pipeline.analysis.growth.verdict import judge_growth

QUICK = {"wild_draws": 0, "share_draws": 0}


def find(rows: pa.Table, **address: str) -> Mapping[str, object]:
    for name, value in address.items():
        rows = rows.filter(pc.equal(rows[name], value))
    (row,) = rows.to_pylist()
    return row


def fit_one(panel: pa.Table, specification: str, term: str) -> Mapping[str, object]:
    rows = fit_rows(panel, find_specification(specification), Effort(0, 0, 0, gives_second_opinion=False))
    (row,) = [row for row in rows if row["term"] == term]
    return row


def verdict_of(panel: pa.Table) -> Mapping[str, object]:
    return find(judge_growth(estimate_growth(panel, draw_segments().slice(0, 0), **QUICK)), segment_dimension="all")


def test_known_effects_lie_in_their_intervals_and_quality_is_found_larger() -> None:
    estimates = estimate_growth(draw_panel(1, quality=0.02, volume=0.004), draw_segments(), **QUICK)
    quality = find(estimates, specification="same_and_previous_week", segment_dimension="all", term="quality")
    volume = find(estimates, specification="same_and_previous_week", segment_dimension="all", term="volume")
    assert quality["conf_low"] < 0.02 < quality["conf_high"]
    assert volume["conf_low"] < 0.004 < volume["conf_high"]
    assert (quality["account_count"], quality["week_count"], quality["observation_count"]) == (24, 29, 24 * 29)
    verdict = find(judge_growth(estimates), segment_dimension="all")
    assert verdict["verdict"] == "quality_larger"
    assert verdict["placebo_p_value"] > 0.05
    assert verdict["ratio_low"] < 0.02 * quality["within_sd"] / (0.004 * volume["within_sd"]) < verdict["ratio_high"]


def test_a_world_without_effects_shows_no_difference() -> None:
    assert [verdict_of(draw_panel(seed))["verdict"] for seed in (2, 3, 4)] == ["no_difference_shown"] * 3


def test_a_world_of_volume_is_not_given_to_quality() -> None:
    assert verdict_of(draw_panel(5, volume=0.02))["verdict"] == "volume_larger"


def test_no_effect_is_rejected_about_as_often_as_it_should() -> None:
    rejected = [
        fit_one(draw_panel(seed), "same_and_previous_week", "quality")["p_value"] < 0.05 for seed in range(100, 160)
    ]
    assert sum(rejected) <= 8


def test_noise_in_follower_counts_makes_no_effect_of_quality() -> None:
    panels = (draw_panel(seed, reading_noise=0.02) for seed in range(200, 260))
    rejected = [fit_one(panel, "same_and_previous_week", "quality")["p_value"] < 0.05 for panel in panels]
    assert sum(rejected) <= 8


def test_growth_that_comes_first_is_caught_by_the_placebo_and_takes_the_verdict() -> None:
    panels = [draw_panel(seed, feedback=12.0) for seed in range(300, 320)]
    caught = [fit_one(panel, "lead_placebo", PLACEBO_TERM)["p_value"] < 0.05 for panel in panels]
    assert sum(caught) >= 17
    verdict = verdict_of(panels[caught.index(True)])
    assert verdict["placebo_effect"] > 0.0005
    assert verdict["verdict"] == "reverse_causality_not_excluded"
    assert "placebo p =" in verdict["status_reason"]
    assert "cannot tell which comes first" in verdict["summary_text"]


def test_weak_feedback_beside_a_strong_effect_does_not_take_the_verdict() -> None:
    panel = draw_panel(301, quality=0.02, feedback=12.0)
    verdict = verdict_of(panel)
    assert verdict["placebo_p_value"] < 0.05
    assert verdict["placebo_effect"] < 0.5 * verdict["quality_effect"]
    assert verdict["verdict"] == "quality_larger"


def test_every_specification_and_segment_has_its_rows_and_nine_accounts_a_pooled_figure() -> None:
    estimates = estimate_growth(draw_panel(6, quality=0.02), draw_segments(), **QUICK)
    for specification in SPECIFICATIONS:
        for term in specification.terms:
            assert find(estimates, specification=specification.name, segment_dimension="all", term=term)["status"]
    nine = find(estimates, specification="same_and_previous_week", segment="software", term="quality")
    assert (nine["status"], nine["method"], nine["account_count"]) == ("ok", "pooled_accounts", 9)
    # Without new follows from exports there is no count model.
    assert find(estimates, specification="gross_follows", term="quality")["status"] == "insufficient_data"


def test_segments_that_differ_are_told_apart_after_adjustment_for_all_comparisons() -> None:
    strong, weak = draw_panel(7, quality=0.04), draw_panel(7, quality=0.0)
    odd = pa.array([int(key[-1]) % 2 == 1 for key in strong["account_key"].to_pylist()])
    mixed = pa.concat_tables([strong.filter(odd), weak.filter(pc.invert(odd))])
    row = find(
        estimate_growth(mixed, draw_segments(), **QUICK),
        specification="same_and_previous_week",
        segment="b2b",
        term="quality",
    )
    assert row["difference_from_rest"] == pytest.approx(0.04, abs=0.006)
    assert row["difference_p_value"] < row["difference_p_value_adjusted"] < 0.001


def test_input_that_carries_nothing_gets_a_status_and_a_reason() -> None:
    panel = draw_panel(8)
    zeros = pa.array(np.zeros(panel.num_rows))
    cases = {
        "one account": panel.filter(pc.equal(panel["account_key"], "x:001")),
        "no rows": panel.slice(0, 0),
        "one week": panel.filter(pc.equal(panel["week_start_date"], panel["week_start_date"][5])),
        "no variance": panel.set_column(panel.column_names.index("quality_lag"), "quality_lag", zeros),
        "collinear": panel.set_column(panel.column_names.index("quality_lag"), "quality_lag", panel["volume_lag"]),
        "missing clicks": panel.set_column(
            panel.column_names.index("quality_lag"), "quality_lag", pa.nulls(panel.num_rows, pa.float64())
        ),
        "zero growth": panel.set_column(panel.column_names.index("growth_rate"), "growth_rate", zeros),
    }
    for name, case in cases.items():
        row = verdict_of(case)
        assert row["verdict"] == "insufficient_data", name
        assert row["status"] in {"insufficient_data", "not_testable"}, name
        assert row["status_reason"], name
        assert row["difference"] is None, name


def test_a_following_that_never_moves_is_left_out_and_said() -> None:
    panel = draw_panel(9, quality=0.02)
    still = pa.array(np.zeros(panel.num_rows))
    panel = panel.set_column(panel.column_names.index("following_change_lag"), "following_change_lag", still)
    estimates = estimate_growth(panel, draw_segments().slice(0, 0), **QUICK)
    assert find(estimates, specification="same_and_previous_week", term="quality")["status"] == "ok"
    assert find(estimates, specification="same_and_previous_week", term="following_change")["status"] == "not_testable"


def test_new_follows_from_exports_are_counted_for_their_audience() -> None:
    panel = draw_panel(12)
    expected = np.exp(panel["follower_level_lag"].to_numpy() - 5 + 0.3 * panel["quality_lag"].to_numpy())
    counts = pa.array(np.random.default_rng(12).poisson(expected), pa.int64())
    panel = panel.set_column(panel.column_names.index("new_follow_count"), "new_follow_count", counts)
    row = fit_one(panel, "gross_follows", "quality")
    assert row["conf_low"] < 0.3 < row["conf_high"]
    assert (row["status"], row["method"], row["account_count"]) == ("ok", "crv3", 24)
    volume = fit_one(panel, "gross_follows", "volume")
    assert volume["conf_low"] < 0 < volume["conf_high"]


def test_shares_add_up_and_carry_their_limits() -> None:
    estimates = estimate_growth(draw_panel(10, quality=0.02), draw_segments(), wild_draws=99, share_draws=50)
    rows = estimates.filter(
        pc.and_(pc.equal(estimates["specification"], "same_and_previous_week"), pc.equal(estimates["segment"], "all"))
    )
    shares = [row for row in rows.to_pylist() if row["explained_share"] is not None]
    assert sum(row["explained_share"] for row in shares) == pytest.approx(1.0, abs=1e-4)
    assert all(0 <= row["explained_share_low"] <= row["explained_share_high"] <= 1 for row in shares)
    assert shares[0]["p_value_wild"] == pytest.approx(0.01)


def test_figures_are_rounded_and_unknown_columns_refused() -> None:
    table = build_table([{"term": "quality", "estimate": 0.123456789, "p_value": float("nan")}], ESTIMATES)
    assert table["estimate"].to_pylist() == [0.123457]
    assert table["p_value"].to_pylist() == [None]
    with pytest.raises(ValueError, match="colour"):
        build_table([{"colour": 1.0}], ESTIMATES)


def test_two_processes_give_the_same_bytes_whatever_the_order_of_the_rows() -> None:
    script = """
import sys, hashlib
import numpy as np
from growth_worlds import draw_panel, draw_segments
from pipeline.analysis.growth import estimate_growth
from pipeline.analysis.growth.dose_response import describe_doses
from pipeline.analysis.growth.verdict import judge_growth
panel, segments = draw_panel(11, quality=0.02), draw_segments()
order = np.random.default_rng(int(sys.argv[1])).permutation(panel.num_rows)
panel = panel.take(order)
estimates = estimate_growth(panel, segments, wild_draws=199, share_draws=20)
tables = [estimates, judge_growth(estimates), describe_doses(panel, segments)]
print(hashlib.sha256(repr([table.to_pylist() for table in tables]).encode()).hexdigest())
"""
    root = Path(__file__).resolve().parents[2]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, seed],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "OPENBLAS_NUM_THREADS": seed,
                "PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parent}",
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] != ""


def test_a_second_opinion_is_left_out_where_it_could_only_repeat_the_first() -> None:
    panel, specification = draw_panel(6, quality=0.02, accounts=60), find_specification("same_and_previous_week")
    helped, alone = (
        {row["term"]: row for row in fit_rows(panel, specification, Effort(99, 0, 1, thorough_up_to=limit))}
        for limit in (60, 59)
    )
    assert helped["quality"]["method"] == alone["quality"]["method"] == "crv1"
    assert helped["quality"]["se_crv3"] > 0
    assert helped["quality"]["p_value_wild"] < 0.05
    assert alone["quality"]["se_crv3"] is None
    assert alone["quality"]["p_value_wild"] is None
    assert alone["quality"]["p_value"] == helped["quality"]["p_value"]


def test_few_draws_find_the_limits_of_shares_where_there_are_many_accounts() -> None:
    panel, specification = draw_panel(6, quality=0.02, accounts=60), find_specification("same_and_previous_week")
    thorough, limited, few = (
        fit_rows(panel, specification, Effort(0, draws, 1, thorough_up_to=limit))[0]
        for draws, limit in ((999, 60), (999, 59), (199, 60))
    )
    limits = ("explained_share_low", "explained_share_high")
    assert [limited[name] for name in limits] == [few[name] for name in limits]
    low, high = (float(str(thorough[name])) for name in limits)
    for name in limits:
        assert abs(float(str(few[name])) - float(str(thorough[name]))) < 0.2 * (high - low), name
