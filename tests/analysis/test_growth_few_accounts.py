"""Three to nine accounts: the pooled estimate covers the truth with common shocks, and refuses what it cannot carry."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.growth import estimate_growth
from pipeline.analysis.growth.few_accounts import METHOD, few_rows
from pipeline.analysis.growth.specifications import Specification
from pipeline.analysis.growth.tables import Row
from tests.analysis.few_worlds import QUALITY, SPECIFICATION, VOLUME, draw_weeks
from tests.analysis.growth_worlds import draw_panel


def fit(weeks: pa.Table, **facts: Any) -> dict[object, Row]:
    count = len(set(weeks["account_key"].to_pylist()))
    return {row["term"]: row for row in few_rows(weeks, SPECIFICATION, {"account_count": count, **facts})}


@pytest.mark.parametrize(("accounts", "weeks", "unlike"), [(3, 14, 0.5), (5, 26, 0.0), (9, 52, 1.0)])
def test_limits_cover_the_effects_although_shocks_are_shared(accounts: int, weeks: int, unlike: float) -> None:
    rng = np.random.default_rng(7)
    hits = {"quality": 0, "volume": 0, "quality_minus_volume": 0}
    middle = []
    for _ in range(100):
        rows = fit(draw_weeks(rng, accounts, weeks, unlike=unlike))
        difference = QUALITY * rows["quality"]["within_sd"] - VOLUME * rows["volume"]["within_sd"]
        truths = {"quality": QUALITY, "volume": VOLUME, "quality_minus_volume": difference}
        for term, truth in truths.items():
            hits[term] += rows[term]["conf_low"] <= truth <= rows[term]["conf_high"]
        middle.append(rows["quality"]["estimate"])
    # 95 of 100 are due; 90 or fewer would be seen in one world of thirty if they were held.
    assert min(hits.values()) >= 91
    # The shared shock moves quality and growth together: without the comparison within weeks it would count as quality.
    assert np.median(middle) == pytest.approx(QUALITY, abs=0.004)


def test_worlds_without_an_effect_are_hardly_ever_given_one() -> None:
    rng = np.random.default_rng(8)
    found = 0
    for _ in range(100):
        weeks = draw_weeks(rng, 6, 26)
        still = weeks.set_column(2, "growth_rate", pa.array(rng.normal(0, 0.01, weeks.num_rows)))
        found += fit(still)["quality"]["p_value"] < 0.05
    assert found <= 8


def test_an_effect_is_found_in_nine_accounts_over_a_year() -> None:
    rng = np.random.default_rng(9)
    found = [fit(draw_weeks(rng, 9, 52, unlike=0.3))["quality"]["conf_low"] > 0 for _ in range(20)]
    assert sum(found) >= 18


def test_the_sum_is_that_of_both_weeks_and_the_difference_that_of_the_effects() -> None:
    rows = fit(draw_weeks(np.random.default_rng(1), 5, 30))
    parts = rows["quality_same_week"]["estimate"] + rows["quality_previous_week"]["estimate"]
    assert rows["quality"]["estimate"] == pytest.approx(parts)
    difference = rows["quality"]["standardised_estimate"] - rows["volume"]["standardised_estimate"]
    assert rows["quality_minus_volume"]["estimate"] == pytest.approx(difference)
    assert {rows[term]["method"] for term in ("quality", "volume", "quality_minus_volume")} == {METHOD}
    assert rows["quality_per_volume"]["status"] == "not_testable"
    assert rows["follower_level"]["status"] == "not_testable"
    assert rows["following_change"]["estimate"] == rows["following_change_previous_week"]["estimate"]


def test_a_shift_that_moves_everybody_in_a_week_changes_nothing() -> None:
    weeks = draw_weeks(np.random.default_rng(2), 4, 30)
    days = weeks["week_start_date"].to_pylist()
    shift = dict(zip(sorted(set(days)), np.random.default_rng(3).normal(0, 1, 99), strict=False))
    moved = weeks["growth_rate"].to_numpy() + np.array([shift[day] for day in days])
    shocked = weeks.set_column(2, "growth_rate", pa.array(moved))
    before, after = fit(weeks)["quality"], fit(shocked)["quality"]
    assert after["estimate"] == pytest.approx(before["estimate"], abs=1e-9)
    assert after["conf_low"] == pytest.approx(before["conf_low"], abs=1e-9)


def test_two_accounts_are_refused_with_the_shortage_named() -> None:
    rows = fit(draw_weeks(np.random.default_rng(4), 2, 40))
    assert {(row["status"], row.get("estimate")) for row in rows.values()} == {("insufficient_data", None)}
    assert rows["quality"]["status_reason"] == (
        "2 accounts have enough complete weeks so far; a pooled estimate needs 3, an estimate over accounts 10; "
        "answer_readiness says what is missing and when"
    )
    assert set(rows) >= {"quality", "volume", "quality_minus_volume", "quality_same_week"}


def test_accounts_without_enough_weeks_or_without_change_are_left_out_and_counted() -> None:
    weeks = draw_weeks(np.random.default_rng(5), 5, 30)
    short = weeks.filter(pa.array([key != "x:4" or day < date(2026, 3, 1) for key, day in pairs(weeks)]))
    assert fit(short)["quality"]["account_count"] == 4
    is_first = np.array(weeks["account_key"].to_pylist()) == "x:0"
    for name in ("volume_same", "volume_lag"):
        values = pa.array(np.where(is_first, 1.0, weeks[name].to_numpy()))
        weeks = weeks.set_column(weeks.column_names.index(name), name, values)
    # Its distance from the others still moves when theirs do, but says nothing of its own posts.
    assert fit(weeks)["quality"]["account_count"] == 4
    few = fit(draw_weeks(np.random.default_rng(6), 4, 9))
    assert few["quality"]["status_reason"] == (
        "0 of 4 accounts have enough weeks in common in which quality and volume vary; a pooled estimate needs 3"
    )


def pairs(weeks: pa.Table) -> list[tuple[str, date]]:
    return list(zip(weeks["account_key"].to_pylist(), weeks["week_start_date"].to_pylist(), strict=True))


def test_silent_weeks_stay_at_the_mean_and_missed_weeks_do_no_harm() -> None:
    weeks = draw_weeks(np.random.default_rng(10), 5, 40, missed=0.1)
    silent = np.random.default_rng(11).random(weeks.num_rows) < 0.1
    gaps = weeks.set_column(3, "quality_same", pa.array(weeks["quality_same"].to_numpy(), mask=silent))
    rows = fit(gaps)
    assert rows["quality"]["status"] == "ok"
    assert rows["quality"]["observation_count"] == weeks.num_rows


def test_the_swing_of_quality_is_made_whole_by_its_reliability_or_given() -> None:
    weeks = draw_weeks(np.random.default_rng(12), 5, 40)
    plain, whole = fit(weeks), fit(weeks, reliability=0.25)
    assert whole["quality"]["within_sd"] == pytest.approx(2 * plain["quality"]["within_sd"])
    assert whole["volume"]["within_sd"] == plain["volume"]["within_sd"]
    given = {
        row["term"]: row
        for row in few_rows(weeks, SPECIFICATION, {"account_count": 5}, {"quality": 0.3, "volume": 0.6})
    }
    assert given["quality_same_week"]["within_sd"] == given["quality"]["within_sd"] == 0.3


def test_labels_of_accounts_that_left_the_panel_do_no_harm() -> None:
    weeks = draw_weeks(np.random.default_rng(17), 7, 40)
    coded = weeks.set_column(0, "account_key", weeks["account_key"].combine_chunks().dictionary_encode())
    kept = pa.array([key not in ("x:0", "x:3") for key in weeks["account_key"].to_pylist()])
    assert fit(coded.filter(kept))["quality"] == fit(weeks.filter(kept))["quality"]


def test_figures_do_not_depend_on_the_order_of_the_rows() -> None:
    weeks = draw_weeks(np.random.default_rng(13), 5, 40, missed=0.1)
    mixed = weeks.take(np.random.default_rng(14).permutation(weeks.num_rows))
    assert fit(mixed)["quality"]["estimate"] == pytest.approx(fit(weeks)["quality"]["estimate"], rel=1e-10)
    assert fit(mixed)["quality"]["conf_low"] == pytest.approx(fit(weeks)["quality"]["conf_low"], rel=1e-8)


def test_columns_made_ready_for_a_model_are_read_by_the_names_of_its_terms() -> None:
    weeks = draw_weeks(np.random.default_rng(15), 5, 40)
    named = weeks.rename_columns(
        [{column: term for term, column in SPECIFICATION.terms.items()}.get(name, name) for name in weeks.column_names]
    )
    assert fit(named)["quality"] == fit(weeks)["quality"]


def test_accounts_whose_following_never_moves_are_estimated_without_it() -> None:
    panel = draw_panel(1, accounts=5, weeks=40, quality=0.01)
    position = panel.column_names.index("following_change_lag")
    panel = panel.set_column(position, "following_change_lag", pa.array(np.zeros(len(panel))))
    nobody = pa.table({name: pa.array([], pa.string()) for name in ("account_key", "segment_dimension", "segment")})
    found = estimate_growth(panel, nobody, wild_draws=99, share_draws=0).to_pylist()
    rows = {row["term"]: row for row in found if row["specification"] == "same_and_previous_week"}
    assert rows["quality"]["conf_low"] < 0.01 < rows["quality"]["conf_high"]
    left_out = rows["following_change_previous_week"]
    assert (left_out["status"], left_out["status_reason"]) == (
        "not_testable",
        "left out: it does not vary, or single accounts cannot carry it",
    )


def test_counts_of_new_follows_wait_for_ten_accounts() -> None:
    weeks = draw_weeks(np.random.default_rng(16), 5, 40)
    counted = Specification("gross_follows", "new_follow_count", SPECIFICATION.terms, offset="follower_level_lag")
    (reason,) = {row["status_reason"] for row in few_rows(weeks, counted, {"account_count": 5})}
    assert reason == "counts of new follows are compared from 10 accounts on; these are 5"
