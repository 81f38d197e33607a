"""Rows of what lies ahead and of what can be tried: forecast, timing, sensitivity, features of posts, experiments."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.report.world_names import HOSTILE, LAST_DAY, OK, Rows, interval, key

# Monday of the week in which the made-up version is published.
MONDAY = date(2026, 11, 16)


def ahead() -> Rows:
    """Rows of every mart that the new sections read."""
    return {
        "follower_forecast": forecast(),
        "growth_timing": days(),
        "growth_lags": lags(),
        "growth_sensitivity": sensitivity(),
        "post_factors": factors(),
        **experiments(),
    }


def forecast() -> list[dict[str, Any]]:
    """One own account with a forecast, and one whose last readings are too few."""
    checks = {"backtest_count": 19, "backtest_covered_count": 17, "all_backtest_count": 2592,
              "all_backtest_account_count": 157, "all_backtest_coverage": 0.916, "all_coverage_low": 0.884,
              "all_coverage_high": 0.94}  # fmt: skip
    made = [
        {
            "account_key": key(0), "scenario": scenario, "is_own": True, "basis": "followers",
            "as_of_date": LAST_DAY, "follower_count": 450, "forecast_date": LAST_DAY + timedelta(weeks=13),
            "change_per_week": change / 13, "expected_change": change, "change_low": change - 40.0,
            "change_high": change + 60.0, "expected_follower_count": 450 + int(change),
            "follower_count_low": 410 + int(change), "follower_count_high": 510 + int(change),
            "expected_answer_date": None, **checks, **OK,
        }
        for scenario, change in (("present_pace", 130.0), ("usual_weeks", 90.0), ("good_weeks", 170.0))
    ]  # fmt: skip
    lacking = {"status": "insufficient_data",
               "status_reason": "3 weeks of readings; a forecast needs 8; first answer about 2026-12-25"}  # fmt: skip
    waiting = {"account_key": key(8), "is_own": True, "basis": "followers", "as_of_date": LAST_DAY,
               "expected_answer_date": date(2026, 12, 25), **lacking}  # fmt: skip
    return [*made, *({**waiting, "scenario": name} for name in ("present_pace", "usual_weeks", "good_weeks"))]


def days() -> list[dict[str, Any]]:
    """All accounts, with a clear day of the post, and an own account whose follows rose before it."""
    segments = (("all", "all", 5.7, 1.02, 0.716, 130), ("account", key(0), 4.3, 1.68, 0.036, 1))
    return [
        {
            "segment_dimension": dimension, "segment": segment, "day": day, "follow_basis": "net_follows",
            "follows_relative_to_usual": strength if day == 0 else 1.4 if day == 1 else 1.0,
            "conf_low": strength - 2 if day == 0 else 1.2 if day == 1 else 0.8,
            "conf_high": strength + 2 if day == 0 else 1.6 if day == 1 else 1.2,
            "before_relative_to_usual": before, "before_p_value": p_value,
            **interval("extra_usual_days", 6.4, 3.8, 9.0), "event_count": 27, "account_count": accounts,
            "day_count": 334, **OK,
        }
        for dimension, segment, strength, before, p_value, accounts in segments
        for day in range(-7, 15)
    ]  # fmt: skip


def lags() -> list[dict[str, Any]]:
    """Strong posts that are linked to growth, and posts that are not."""
    drivers = (("strong_posts", 0.6, (0.0045, 0.003, 0.006), 0.029), ("volume", 0.5, (0.0009, -0.0004, 0.0022), 0.53))
    return [
        {
            "driver": driver, "week": week, "growth_change": 0.003 if week == 0 else 0.0, "conf_low": -0.001,
            "conf_high": 0.004, "p_value": 0.2, "typical_dose": dose, "summed_change": summed[0],
            "summed_low": summed[1], "summed_high": summed[2], "before_p_value": before, "account_count": 31,
            "week_count": 40, "observation_count": 1234, **OK,
        }
        for driver, dose, summed, before in drivers
        for week in range(-2, 5)
    ]  # fmt: skip


def sensitivity() -> list[dict[str, Any]]:
    """Both drivers with one benchmark each."""
    shared = {"segment_dimension": "all", "segment": "all", "account_count": 31, "observation_count": 1234, **OK}
    nothing = dict.fromkeys(("benchmark", "estimate", "conf_low", "conf_high", "partial_r2", "robustness_value",
                             "robustness_value_of_limit", "benchmark_r2_with_driver", "benchmark_r2_with_growth",
                             "adjusted_estimate"))  # fmt: skip
    made = []
    for driver, other, needed in (("quality", "volume", 0.131), ("volume", "quality", 0.0)):
        effect = {"estimate": 0.0035, "conf_low": 0.003, "conf_high": 0.004, "partial_r2": 0.026,
                  "robustness_value": 0.151, "robustness_value_of_limit": needed}  # fmt: skip
        made.append({**shared, **nothing, "driver": driver, **effect})
        explained = {"benchmark_r2_with_driver": 0.003, "benchmark_r2_with_growth": 0.014, "adjusted_estimate": 0.0034}
        made.append({**shared, **nothing, "driver": driver, "benchmark": other, **explained})
    return made


def factors() -> list[dict[str, Any]]:
    """An own account with one feature beyond chance, one within it, one too rare and few first hours; a platform with
    nothing.
    """
    ratio = {"response_ratio": 1.12, "conf_low": 1.05, "conf_high": 1.37, "p_value_adjusted": 0.02,
             "is_distinct_from_usual": True, "partial_r2": 0.01, "explained_share": 0.046}  # fmt: skip
    usual = {**ratio, "response_ratio": 1.0, "conf_low": 0.8, "p_value_adjusted": 0.9, "is_distinct_from_usual": False}
    counts = {"post_count": 230, "other_post_count": 175, "account_count": 1}
    own = {"segment_dimension": "account", "segment": key(0), **counts}
    rare = {**dict.fromkeys(ratio), "status": "insufficient_data",
            "status_reason": "0 posts with it and 405 without are too few"}  # fmt: skip
    platform = {**own, "segment_dimension": "platform", "segment": "x", **usual, "explained_share": 0.0, **OK}
    return [
        {**own, "factor_group": "word", "factor": HOSTILE, **ratio, **OK},
        {**own, "factor_group": "form", "factor": "question", **usual, **OK},
        {**own, "factor_group": "form", "factor": "media", **rare},
        {
            **own,
            "factor_group": "early",
            "factor": "first_hour",
            **dict.fromkeys(ratio),
            "status": "insufficient_data",
            "status_reason": "12 posts read about an hour after posting, 6 of them with an unusually good start; a "
            "comparison needs 20 of each kind; first answer about 2027-02-07",
        },
        {**platform, "factor_group": "form", "factor": "link"},
    ]


def experiments() -> Rows:
    """One that runs in its third week, and one that ended with an effect and was changed after its start."""
    facts = {"account_key": key(0), "factor": "posts", "arm_a": "3", "arm_b": "8", "outcome": "new_follows",
             "registered_at": datetime(2026, 6, 1, tzinfo=UTC), "week_count": 12, "stopped_at": None}  # fmt: skip
    nothing = dict.fromkeys(("mean_a", "mean_b", "effect", "effect_low", "effect_high", "p_value", "change_reason"))
    running = {**facts, **nothing, "experiment_id": "more_posts", "start_date": MONDAY - timedelta(weeks=2),
               "end_date": MONDAY + timedelta(days=69), "plan_count": 1, "is_changed_after_start": False,
               "weeks_over_count": 2, "weeks_kept_count": 1, "weeks_not_kept_count": 1, "pair_count": 1,
               "status": "insufficient_data", "status_reason": "2 of 12 weeks are over"}  # fmt: skip
    ended = {**facts, "experiment_id": "earlier", "start_date": MONDAY - timedelta(weeks=20),
             "end_date": MONDAY - timedelta(weeks=8, days=1), "plan_count": 2, "is_changed_after_start": True,
             "change_reason": HOSTILE, "weeks_over_count": 12, "weeks_kept_count": 11, "weeks_not_kept_count": 1,
             "pair_count": 6, "mean_a": 20.0, "mean_b": 26.0, **interval("effect", 0.3, 0.1, 0.6), "p_value": 0.031,
             **OK}  # fmt: skip
    weeks = [
        {
            "experiment_id": plan["experiment_id"], "account_key": key(0), "week_number": number,
            "pair_number": (number + 1) // 2, "week_start_date": plan["start_date"] + timedelta(weeks=number - 1),
            "week_end_date": plan["start_date"] + timedelta(weeks=number, days=-1), "arm": "ab"[number % 2],
            "planned": ("3", "8")[number % 2], "original_post_count": 3, "link_post_count": 1, "is_kept": True,
            "day_count": 5, "follows_per_week": 21.0, "is_over": True, "notes": None,
        }
        for plan in (running, ended)
        for number in range(1, 13)
    ]  # fmt: skip
    return {"experiments": [running, ended], "experiment_weeks": weeks}
