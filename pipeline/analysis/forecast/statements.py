"""Rows of the forecast: figures where the history carries them, else a status, a reason, and when there will be enough.

No estimates here: they come from `outlooks` and `intervals`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.forecast.outlooks import (
    FEWEST_CHANGES,
    FEWEST_WEEKS,
    HORIZON,
    LONGEST_PACE,
    PACE_WEEKS,
    PRESENT,
    SCENARIOS,
    USUAL_WEEKS,
)
from pipeline.analysis.growth.tables import Row
from pipeline.analysis.proportions import wilson

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# A forecast is shown where so many earlier ones of the account, or of so many other accounts, could be checked.
FEWEST_CHECKS, FEWEST_CHECKED_ACCOUNTS = 5, 10
# A forecast starts at most so many weeks before the newest reading of all.
STALE_WEEKS = 4
FOLLOWERS = "followers"
_EPOCH = date(1970, 1, 1)
_TEXT, _NUMBER, _COUNT, _DAY = pa.string(), pa.float64(), pa.int64(), pa.date32()
FORECASTS = pa.schema(
    [
        *[(name, _TEXT) for name in ("account_key", "scenario", "basis")],
        *[(name, _DAY) for name in ("as_of_date", "forecast_date")],
        ("follower_count", _COUNT),
        *[(name, _NUMBER) for name in ("change_per_week", "expected_change", "change_low", "change_high")],
        *[(name, _COUNT) for name in ("expected_follower_count", "follower_count_low", "follower_count_high")],
        *[(name, _COUNT) for name in ("backtest_count", "backtest_covered_count")],
        *[(name, _COUNT) for name in ("all_backtest_count", "all_backtest_account_count")],
        *[(name, _NUMBER) for name in ("all_backtest_coverage", "all_coverage_low", "all_coverage_high")],
        *[(name, _COUNT) for name in ("week_count", "needed_week_count")],
        ("expected_answer_date", _DAY),
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


@dataclass(frozen=True)
class Present:
    """Where A accounts stand: their last reading, and the weeks behind it."""

    keys: Sequence[str]
    basis: Sequence[str]
    level: FloatArray  # (A,)
    day: IntArray  # (A,) day number of the last reading
    week_count: IntArray  # (A,) weeks from the first reading to the last
    weeks_behind: IntArray  # (A,) weeks from the last reading to the newest of all accounts
    weeks_near: IntArray  # (A,) weeks from the oldest reading within half a year to the last one
    change_count: IntArray  # (A,) weeks of the last half year with a change of their own
    has_moved: npt.NDArray[np.bool_]  # (A,) in the last half year
    scale: FloatArray  # (A,) expected size of the error of the change in 13 weeks


@dataclass(frozen=True)
class Scenario:
    """One scenario of the same accounts, with the check of its earlier forecasts."""

    name: str
    pace: FloatArray  # (A,) change per week, NaN without one
    limits: FloatArray  # (A, 2) in units of the scale
    error_count: IntArray  # (A,) earlier forecasts whose outcome is known
    checked: IntArray  # (A,) those that were made again, -1 where none were
    held: IntArray  # (A,) of these, within their limits
    coverage: Mapping[str, object]  # of all accounts
    checked_account_count: int


def summarise_checks(counts: IntArray, held: IntArray, quarters: float) -> Mapping[str, object]:
    """Coverage over all accounts with its 95 % interval; `quarters` is the number of quarters without overlap."""
    total = int(counts.sum())
    if not total:
        return {"all_backtest_count": 0, "all_backtest_account_count": 0}
    share = float(held.sum()) / total
    effective = min(max(quarters, 1.0), float(total))
    low, high = wilson(share * effective, effective)
    return {
        "all_backtest_count": total,
        "all_backtest_account_count": int((counts > 0).sum()),
        "all_backtest_coverage": share,
        "all_coverage_low": low,
        "all_coverage_high": high,
    }


def describe_accounts(present: Present, scenarios: Sequence[Scenario]) -> Iterator[Row]:
    """Rows of accounts with readings."""
    for place, key in enumerate(present.keys):
        day = _EPOCH + timedelta(days=int(present.day[place]))
        address: Row = {
            "account_key": key,
            "basis": present.basis[place],
            "as_of_date": day,
            "follower_count": int(present.level[place]) if present.basis[place] == FOLLOWERS else None,
            "week_count": int(present.week_count[place]),
        }
        for scenario in scenarios:
            yield {
                **address,
                "scenario": scenario.name,
                "needed_week_count": _needed_weeks(scenario),
                **_count_checks(scenario, place),
                **_judge(present, scenario, place, day),
            }


def describe_unread(keys: Sequence[str]) -> Iterator[Row]:
    """Rows of accounts without any reading."""
    reason = f"no reading of followers yet; a forecast needs {FEWEST_WEEKS} weeks of them, of one account alone 26"
    for key in keys:
        for name in SCENARIOS:
            yield {"account_key": key, "scenario": name, "status": "insufficient_data", "status_reason": reason}


def describe_bridged(keys: Sequence[str]) -> Iterator[Row]:
    """Rows of copies that a bridge makes on another platform."""
    reason = "a bridge's copy of an account on another platform"
    for key in keys:
        for name in SCENARIOS:
            yield {"account_key": key, "scenario": name, "status": "not_testable", "status_reason": reason}


def _needed_weeks(scenario: Scenario) -> int:
    fewest = FEWEST_WEEKS if scenario.name == PRESENT else FEWEST_CHANGES + 1
    if scenario.checked_account_count >= FEWEST_CHECKED_ACCOUNTS:
        return fewest
    return fewest + HORIZON + FEWEST_CHECKS


def _count_checks(scenario: Scenario, place: int) -> Row:
    was_checked = scenario.checked[place] >= 0
    return {
        "backtest_count": int(scenario.checked[place]) if was_checked else None,
        "backtest_covered_count": int(scenario.held[place]) if was_checked else None,
        **scenario.coverage,
    }


def _judge(present: Present, scenario: Scenario, place: int, day: date) -> Row:
    behind, weeks = int(present.weeks_behind[place]), int(present.week_count[place])
    needed = _needed_weeks(scenario)
    if behind > STALE_WEEKS:
        reason = f"last read {behind} weeks before the newest reading of all; a forecast starts from a recent one"
        return _refuse(reason)
    if weeks < FEWEST_WEEKS:
        return _wait(f"{_weeks(weeks)} of readings; a forecast needs {needed}", day, needed - weeks)
    near = int(present.weeks_near[place])
    if weeks >= PACE_WEEKS > near:
        reason = f"no reading between {PACE_WEEKS} and {LONGEST_PACE} weeks before the last one"
        return _wait(reason, day, PACE_WEEKS - near)
    if not present.has_moved[place]:
        span = f"the last {USUAL_WEEKS} weeks" if weeks >= USUAL_WEEKS else f"{weeks} weeks"
        reason = f"followers did not change at all in {span}: nothing says what would move them"
        return {"status": "not_testable", "status_reason": reason}
    changes = int(present.change_count[place])
    if scenario.name != PRESENT and changes < FEWEST_CHANGES:
        reason = (
            f"{changes} of the last {USUAL_WEEKS} weeks were read at both ends; a usual week needs {FEWEST_CHANGES}"
        )
        return _wait(reason, day, FEWEST_CHANGES - changes)
    is_checked = scenario.error_count[place] >= FEWEST_CHECKS
    if not is_checked and scenario.checked_account_count < FEWEST_CHECKED_ACCOUNTS:
        known = int(scenario.error_count[place])
        reason = (
            f"{known} earlier forecasts of this account can be checked; limits need {FEWEST_CHECKS}, or the forecasts "
            f"of {FEWEST_CHECKED_ACCOUNTS} accounts"
        )
        return _wait(reason, day, max(needed - weeks, FEWEST_CHECKS - known))
    return _figures(present, scenario, place, day)


def _figures(present: Present, scenario: Scenario, place: int, day: date) -> Row:
    pace, scale = float(scenario.pace[place]), float(present.scale[place])
    change = HORIZON * pace
    low, high = (change + scale * float(limit) for limit in scenario.limits[place])
    figures: dict[str, object] = {
        "forecast_date": day + timedelta(weeks=HORIZON),
        "change_per_week": pace,
        "expected_change": change,
        "change_low": low,
        "change_high": high,
        "status": "ok",
        "status_reason": "",
    }
    if present.basis[place] == FOLLOWERS:
        level = float(present.level[place])
        # Nobody has fewer followers than none.
        low, high, change = (max(value, -level) for value in (low, high, change))
        figures |= {
            "expected_change": change,
            "change_low": low,
            "change_high": high,
            "expected_follower_count": round(level + change),
            "follower_count_low": int(np.floor(level + low)),
            "follower_count_high": int(np.ceil(level + high)),
        }
    return figures


def _wait(reason: str, day: date, weeks: int) -> Row:
    expected = day + timedelta(weeks=max(weeks, 1))
    return {**_refuse(f"{reason}; first answer about {expected}"), "expected_answer_date": expected}


def _refuse(reason: str) -> Row:
    return {"status": "insufficient_data", "status_reason": reason}


def _weeks(count: int) -> str:
    return f"{count} week{'' if count == 1 else 's'}"
