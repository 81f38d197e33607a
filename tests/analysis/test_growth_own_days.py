"""Daily follows of a single own account: what is linked to posting and clicks, and when nothing can be said."""

import datetime
import math
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.analysis.growth.own_days import TERMS, estimate_own_days

FIRST = datetime.date(2026, 3, 2)


def draw_days(seed: int, *, days: int = 150, clicks: float = 0.0, posts: float = 0.0, level: float = 1.2) -> pa.Table:
    """New follows by exp(level + clicks * ln(1 + clicks) + posts * ln(1 + posts)); a third of days is silent."""
    rng = np.random.default_rng(seed)
    made = rng.poisson(2.0, days) * (rng.random(days) < 2 / 3)
    clicked = np.where(made > 0, rng.poisson(np.exp(rng.normal(2, 0.7, days))), 0)
    follows = rng.poisson(np.exp(level + clicks * np.log1p(clicked) + posts * np.log1p(made)))
    return pa.table(
        {
            "account_key": ["x:1"] * days,
            "date": [FIRST + datetime.timedelta(days=day) for day in range(days)],
            "new_follow_count": pa.array(follows, pa.int64()),
            "original_post_count": pa.array(made, pa.int64()),
            "response_basis": ["clicks_of_posts"] * days,
            "response_count": pa.array(clicked, pa.int64()),
            "follow_basis": ["new_follows"] * days,
            "promoted_impression_count": pa.nulls(days, pa.int64()),
        }
    )


def find(days: pa.Table, specification: str, term: str) -> Mapping[str, object]:
    (row,) = [
        row
        for row in estimate_own_days(days).to_pylist()
        if (row["specification"], row["term"]) == (specification, term)
    ]
    return row


def test_what_goes_with_clicks_is_found_and_told_per_doubling() -> None:
    row = find(draw_days(1, clicks=0.3), "same_day", "response")
    assert row["conf_low"] < 0.3 < row["conf_high"]
    assert row["change_if_doubled"] == pytest.approx(math.exp(row["estimate"] * math.log(2)) - 1, rel=1e-4)
    assert row["change_if_doubled_low"] < row["change_if_doubled"] < row["change_if_doubled_high"]
    assert (row["day_count"], row["status"]) == (150, "ok")


def test_advertising_that_brings_follows_and_clicks_is_not_taken_for_the_clicks() -> None:
    days, rng = draw_days(11), np.random.default_rng(11)
    paid = rng.integers(200, 2_000, 150) * (np.arange(150) % 30 < 10)
    shown = np.log1p(paid)
    clicked = rng.poisson(np.exp(1 + 0.25 * shown))
    follows = rng.poisson(np.exp(1 + 0.2 * shown))
    hidden = days.set_column(5, "response_count", pa.array(clicked, pa.int64()))
    hidden = hidden.set_column(2, "new_follow_count", pa.array(follows, pa.int64()))
    stated = hidden.set_column(7, "promoted_impression_count", pa.array(paid, pa.int64()))
    misled, held = (find(each, "same_day", "response") for each in (hidden, stated))
    assert (misled["is_promotion_held"], held["is_promotion_held"]) == (False, True)
    assert misled["conf_low"] > 0.3, "follows by advertising look like follows by clicks"
    assert held["conf_low"] < 0 < held["conf_high"]
    unpaid = hidden.set_column(7, "promoted_impression_count", pa.array([0] * 150, pa.int64()))
    assert find(unpaid, "same_day", "response") == misled
    # A day whose advertising is not known cannot be distinguished from one without.
    partly = stated.set_column(7, "promoted_impression_count", pa.array([None, *paid[1:].tolist()], pa.int64()))
    assert find(partly, "same_day", "response")["day_count"] == 149


def test_follows_with_posts_are_those_beyond_silent_days() -> None:
    days = draw_days(2, posts=0.5, level=1.5)
    row = find(days, "same_day", "follows_with_posts")
    made = np.array(days["original_post_count"], float)
    expected = (np.exp(1.5 + 0.5 * np.log1p(made)) - np.exp(1.5)).sum()
    assert row["conf_low"] < expected < row["conf_high"]
    assert row["conf_low"] > 0
    assert row["change_if_doubled"] is None


def test_a_world_without_effects_gives_posts_no_sure_credit() -> None:
    found = [find(draw_days(seed), "same_day", "follows_with_posts") for seed in range(10, 30)]
    assert sum(row["conf_low"] > 0 or row["conf_high"] < 0 for row in found) <= 3


def test_yesterday_and_tomorrow_have_models_of_their_own_on_days_that_have_them() -> None:
    days = draw_days(3).filter(pa.array([day != 40 for day in range(150)]))
    assert find(days, "same_day", "volume")["day_count"] == 149
    assert find(days, "day_before", "volume")["day_count"] == 147
    assert find(days, "next_day_placebo", "response_next_day")["day_count"] == 147
    assert abs(find(days, "next_day_placebo", "response_next_day")["estimate"]) < 0.3


@pytest.mark.parametrize(
    ("days", "status", "words"),
    [
        (draw_days(4, days=55), "insufficient_data", "55 days"),
        (draw_days(5, level=-3.0), "insufficient_data", "new follows in 150 days"),
        (draw_days(6).slice(0, 1), "insufficient_data", "1 days"),
    ],
)
def test_too_little_is_said_and_given_no_figure(days: pa.Table, status: str, words: str) -> None:
    rows = estimate_own_days(days).to_pylist()
    assert len(rows) == sum(map(len, TERMS.values()))
    assert {(row["status"], row["estimate"], row["p_value"]) for row in rows} == {(status, None, None)}
    assert all("days" in row["status_reason"] for row in rows)
    assert words in rows[0]["status_reason"]


def test_posting_that_never_varies_and_missing_clicks_are_refused() -> None:
    days = draw_days(7)
    same = days.set_column(3, "original_post_count", pa.array([2] * 150, pa.int64()))
    assert find(same, "same_day", "volume")["status"] == "not_testable"
    assert "volume" in find(same, "same_day", "volume")["status_reason"]
    unknown = days.set_column(5, "response_count", pa.nulls(150, pa.int64()))
    assert find(unknown, "same_day", "response")["status_reason"].startswith("0 days")
    assert estimate_own_days(days.slice(0, 0)).num_rows == 0


def test_without_silent_days_no_comparison_with_them_is_made() -> None:
    days = draw_days(8)
    posted = days.set_column(3, "original_post_count", pc.add(days["original_post_count"], 1))
    row = find(posted, "same_day", "follows_with_posts")
    assert (row["status"], row["estimate"]) == ("insufficient_data", None)
    assert find(posted, "same_day", "volume")["status"] == "ok"


def test_the_order_of_the_rows_changes_nothing() -> None:
    days = draw_days(9, clicks=0.2)
    mixed = days.take(np.random.default_rng(0).permutation(days.num_rows))
    assert estimate_own_days(mixed).equals(estimate_own_days(days))
