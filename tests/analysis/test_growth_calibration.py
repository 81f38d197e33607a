"""Quality cleared of chance, in worlds of posts whose truth is known; the long version is a benchmark."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from growth_posts import VOLUME_SD, PostWorld, draw_posts_world, true_effects

from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.shrinkage import read_first_step
from pipeline.analysis.growth.specifications import PLACEBO, PRIMARY, find_specification
from pipeline.analysis.growth.tables import ESTIMATES, build_table
from pipeline.analysis.growth.verdict import judge_growth

QUICK = Effort(wild_draws=0, share_draws=0, seed=0, gives_second_opinion=False)
Rows = Mapping[tuple[str, str], Mapping[str, float]]


def answer(world: PostWorld, seed: int, *, panel: pa.Table | None = None) -> tuple[Mapping[str, object], Rows]:
    """Verdict and rows by specification and term."""
    drawn = draw_posts_world(world, seed)
    step = read_first_step(drawn.cells)
    attached = step.attach(drawn.panel if panel is None else panel)
    rows = [
        {"specification": name, "segment_dimension": "all", "segment": "all", **row}
        for name in (PRIMARY, PLACEBO)
        for row in fit_rows(attached, find_specification(name), QUICK, step)
    ]
    (verdict,) = judge_growth(build_table(rows, ESTIMATES)).to_pylist()
    return verdict, {(row["specification"], row["term"]): row for row in rows}


@pytest.mark.parametrize(
    ("same_share", "persistence", "reliability"),
    [(0.0, 0.5, 0.4), (0.8, 0.0, 0.4), (0.8, 0.7, 0.4), (1.0, 0.7, 0.15)],
)
def test_both_weeks_together_find_the_effect_wherever_it_falls(
    same_share: float, persistence: float, reliability: float
) -> None:
    world = PostWorld(same_share=same_share, persistence=persistence, reliability=reliability)
    ratios, swings, verdicts, covered = [], [], [], 0
    for seed in range(10):
        verdict, rows = answer(world, seed)
        quality, (slope, effect) = rows[PRIMARY, "quality"], true_effects(world, draw_posts_world(world, seed))
        covered += quality["conf_low"] <= slope <= quality["conf_high"]
        ratios.append(quality["estimate"] / slope)
        swings.append(quality["within_sd"] / (effect / slope))
        verdicts.append(verdict["verdict"])
    # Weeks shrunk one by one would find a third too much of persistent quality, and a placebo that is significant.
    assert np.median(ratios) == pytest.approx(1.0, abs=0.15)
    # The swing is that of true quality, however much chance is measured with it.
    assert np.median(swings) == pytest.approx(1.0, abs=0.12)
    assert covered >= 8
    assert verdicts.count("quality_larger") >= 8
    assert verdicts.count("reverse_causality_not_excluded") <= 1


def test_the_published_sum_is_that_of_its_parts_with_their_covariance() -> None:
    _, rows = answer(PostWorld(accounts=30, weeks=30), 3)
    for name in ("quality", "volume"):
        parts = [rows[PRIMARY, f"{name}_{week}_week"] for week in ("same", "previous")]
        assert rows[PRIMARY, name]["estimate"] == pytest.approx(sum(part["estimate"] for part in parts), rel=1e-9)
        assert rows[PRIMARY, name]["within_sd"] == parts[0]["within_sd"] == parts[1]["within_sd"]
    assert rows[PRIMARY, "quality_same_week"]["explained_share"] is None
    shares = [row["explained_share"] for row in rows.values() if row.get("explained_share") is not None]
    assert all(0 <= share <= 1 for share in shares)


def test_growth_that_comes_first_is_caught_and_a_world_without_effect_is_left_alone() -> None:
    nothing = PostWorld(quality=0.0, volume=0.0)
    first = [answer(replace(nothing, feedback=0.15), seed)[0]["verdict"] for seed in range(6)]
    assert first.count("reverse_causality_not_excluded") >= 5
    none = [answer(nothing, seed)[0]["verdict"] for seed in range(20, 32)]
    assert none.count("no_difference_shown") >= 10


def test_reach_that_moves_reactions_and_growth_is_never_worded_as_better_posts() -> None:
    world = PostWorld(quality=0.0, volume=0.0, reach=0.6, basis="engagement_per_post")
    verdict, _ = answer(world, 1)
    assert verdict["verdict"] == "quality_larger"
    assert "better posts" not in verdict["summary_text"].lower()
    assert "better content or more reach; only impressions could separate them" in verdict["summary_text"]


def test_silent_weeks_stay_and_volume_keeps_its_lower_end() -> None:
    world = PostWorld(accounts=40, weeks=40, posts=2.0)
    drawn = draw_posts_world(world, 4)
    _, rows = answer(world, 4)
    silent = drawn.panel["is_silent_same"].to_numpy(zero_copy_only=False)
    assert silent.mean() > 0.1
    assert rows[PRIMARY, "quality"]["observation_count"] == drawn.panel.num_rows == 1600
    without = drawn.panel.filter(pc.invert(pc.or_(drawn.panel["is_silent_same"], drawn.panel["is_silent_lag"])))
    _, posted = answer(world, 4, panel=without)
    assert rows[PRIMARY, "volume"]["within_sd"] > 1.15 * posted[PRIMARY, "volume"]["within_sd"] > VOLUME_SD / 2
    assert {rows[PRIMARY, f"silent_{week}_week"]["status"] for week in ("same", "previous")} == {"ok"}  # type: ignore[comparison-overlap]


def test_quality_that_is_nothing_but_chance_is_refused_and_the_reason_is_said() -> None:
    verdict, rows = answer(PostWorld(accounts=12, weeks=26, quality_sd=1e-3, reliability=2e-5), 5)
    assert verdict["verdict"] == "insufficient_data"
    assert verdict["status"] == "not_testable"
    assert "chance" in verdict["status_reason"]
    assert rows[PRIMARY, "quality"].get("estimate") is None


def test_without_a_week_of_two_posts_chance_is_unknown_and_nothing_is_estimated() -> None:
    drawn = draw_posts_world(PostWorld(accounts=20, weeks=26), 8)
    cells = drawn.cells
    for name in ("spread_beyond_chance", "spread_degrees", "post_variance"):
        nothing = pa.array(np.zeros(cells.num_rows)).cast(cells[name].type)
        cells = cells.set_column(cells.column_names.index(name), name, nothing)
    step = read_first_step(cells)
    rows = fit_rows(step.attach(drawn.panel), find_specification(PRIMARY), QUICK, step)
    assert {(row["status"], row.get("estimate")) for row in rows} == {("insufficient_data", None)}
    # Not a lack of accounts or weeks, which would pass with time.
    assert str(rows[0]["status_reason"]).startswith("no account has a week with two posts whose response is known")


def test_low_reliability_is_published_and_said() -> None:
    verdict, rows = answer(PostWorld(reliability=0.15), 6)
    assert verdict["reliability"] == pytest.approx(0.18, abs=0.07)
    assert rows[PRIMARY, "volume"]["reliability"] == rows[PRIMARY, "quality"]["reliability"]
    assert "mostly noise here (reliability 0." in verdict["summary_text"]
    assert "mostly noise" not in answer(PostWorld(reliability=0.7), 6)[0]["summary_text"]


def test_order_of_rows_does_not_matter() -> None:
    world = PostWorld(accounts=20, weeks=30)
    drawn = draw_posts_world(world, 7)
    order = np.random.default_rng(1).permutation(drawn.panel.num_rows)
    _, rows = answer(world, 7)
    _, again = answer(world, 7, panel=drawn.panel.take(order))
    for address, row in rows.items():
        assert again[address] == row


def test_followers_that_never_move_leave_nothing_to_explain() -> None:
    world = PostWorld(accounts=30, weeks=30)
    panel = draw_posts_world(world, 3).panel
    still = panel.set_column(panel.column_names.index("growth_rate"), "growth_rate", pa.array([0.0] * len(panel)))
    verdict, _ = answer(world, 3, panel=still)
    assert (verdict["verdict"], verdict["quality_effect"]) == ("insufficient_data", None)
    assert str(verdict["status_reason"]).endswith("nothing is left to explain")
