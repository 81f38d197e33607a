"""Engagement around cycles of following and culling: a known effect is found, and thin data give none."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.churn_engagement import estimate_churn_engagement

FIRST_MONDAY = date(2026, 1, 5)
WEEKS = 30
EVENT_WEEK = 12


def _world(churners: int, others: int, effect: float, *, event_week: int = EVENT_WEEK, seed: int = 1) -> list[pa.Table]:
    """Weeks, events and candidates; engagement grows with the audience at 0.8 and falls by `effect` after the cycle."""
    rng = np.random.default_rng(seed)
    weeks, events = [], []
    shocks = rng.normal(0, 0.2, WEEKS)
    for number in range(churners + others):
        is_churner = number < churners
        key = f"x:{'churner' if is_churner else 'other'}_{number}"
        followers = 2_000 * np.exp(np.cumsum(rng.normal(0.004, 0.012, WEEKS)))
        followers *= 2_000 / followers[event_week - 1]
        if is_churner:
            followers[event_week:] *= 1.1
            monday = FIRST_MONDAY + timedelta(weeks=event_week)
            events.append({"account_key": key, "size_tier": "mid", "start_week": monday, "end_week": monday})
        level = rng.normal(0, 0.5)
        for week in range(WEEKS):
            engagement = level + shocks[week] + 0.8 * np.log(followers[week] / 2_000) + rng.normal(0, 0.1)
            engagement += effect if is_churner and week > event_week else 0.0
            weeks.append(
                {
                    "account_key": key,
                    "week_start_date": FIRST_MONDAY + timedelta(weeks=week),
                    "log_engagement": float(engagement),
                    "follower_count": int(followers[week]),
                }
            )
    candidates = [
        {"account_key": f"x:other_{number}", "size_tier": "mid"} for number in range(churners, churners + others)
    ]
    return [pa.Table.from_pylist(rows) for rows in (weeks, events, candidates)]


def _estimate(tables: list[pa.Table]) -> dict[str, object]:
    (row,) = estimate_churn_engagement(*tables).to_pylist()
    return dict(row)


def test_a_loss_of_engagement_after_the_cycle_is_found_with_its_interval() -> None:
    row = _estimate(_world(churners=12, others=60, effect=-0.3))
    assert row["status"] == "ok", row
    assert row["effect"] == pytest.approx(-0.3, abs=0.08)
    assert row["conf_low"] < -0.3 < row["conf_high"] < 0
    assert row["p_value"] < 0.01
    assert row["pre_trend_p_value"] > 0.05
    assert (row["churner_count"], row["usable_churner_count"], row["matched_count"]) == (12, 12, 36)
    assert row["observation_count"] == 48 * 16


def test_a_larger_audience_alone_is_no_loss() -> None:
    """Followers jump by 10 % in the cycle; over ten worlds the estimates scatter around 0 and one rejects at most."""
    rows = [_estimate(_world(churners=12, others=60, effect=0.0, seed=seed)) for seed in range(100, 110)]
    assert np.mean([row["effect"] for row in rows]) == pytest.approx(0, abs=0.03)
    assert sum(row["conf_low"] <= 0 <= row["conf_high"] for row in rows) >= 8


def test_no_candidate_stands_beside_two_accounts() -> None:
    row = _estimate(_world(churners=12, others=10, effect=0.0))
    assert row["matched_count"] == 10
    assert row["usable_churner_count"] == 4
    assert row["status"] == "insufficient_data"


def test_a_history_that_begins_with_the_cycle_has_no_before() -> None:
    row = _estimate(_world(churners=8, others=30, effect=-0.3, event_week=3))
    assert (row["status"], row["effect"], row["conf_low"]) == ("insufficient_data", None, None)
    assert row["status_reason"] == (
        "0 of 8 accounts with the pattern have 4 weeks with posts before their first cycle and after it, and a matched "
        "account; 5 are needed"
    )


def test_accounts_of_another_size_are_no_match() -> None:
    weeks, events, candidates = _world(churners=8, others=30, effect=-0.3)
    other_tier = candidates.set_column(1, "size_tier", pa.array(["pro"] * candidates.num_rows))
    assert _estimate([weeks, events, other_tier])["matched_count"] == 0
    larger = [
        row | {"follower_count": row["follower_count"] * (2 if "other" in row["account_key"] else 1)}
        for row in weeks.to_pylist()
    ]
    assert _estimate([pa.Table.from_pylist(larger), events, candidates])["matched_count"] == 0


def test_nobody_with_the_pattern_is_said_in_words() -> None:
    weeks, events, candidates = _world(churners=1, others=5, effect=0.0)
    row = _estimate([weeks, events.slice(0, 0), candidates])
    assert str(row["status_reason"]).startswith("0 of 0 accounts with the pattern")
