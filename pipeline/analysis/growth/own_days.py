"""Daily follows of a single own account: how they are linked to clicks and posting, with honest errors.

One account has no other accounts to compare with, so this is an association over days, never an effect. New follows
per post, which the platform states itself, are in SQL: they are a lower bound and no part of this model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.daily_counts import DailyFit, Sum, fit_daily_counts
from pipeline.analysis.growth.tables import OWN_DAYS, Row, build_table

FloatArray = npt.NDArray[np.float64]
# Eight weeks see every weekday eight times; 30 follows give the log of a mean an error of about a fifth.
FEWEST_DAYS, FEWEST_FOLLOWS = 56, 30
FEWEST_SILENT_DAYS = 7
# LinkedIn states the net gain only: the same model of expected follows, of which single days may be negative.
OUTCOMES = {"new_follows": "new_follow_count", "net_follows": "net_follow_count"}
SAME_DAY, DAY_BEFORE, PLACEBO = "same_day", "day_before", "next_day_placebo"
SHIFTS = {SAME_DAY: 0, DAY_BEFORE: -1, PLACEBO: 0}
DRIVERS = ("response", "volume")
NEXT_DAY, POSTS_PART = "response_next_day", "follows_with_posts"
TERMS = {SAME_DAY: (*DRIVERS, POSTS_PART), DAY_BEFORE: DRIVERS, PLACEBO: (*DRIVERS, NEXT_DAY)}


@dataclass(frozen=True)
class _Days:
    """Complete days of one account in order of time, each with its drivers: (n,) arrays."""

    number: npt.NDArray[np.int64]
    follows: FloatArray
    drivers: Mapping[str, FloatArray]
    # Held in the model and not reported: advertising moves follows and responses alike.
    promotion: Mapping[str, FloatArray] = field(default_factory=dict)


def estimate_own_days(days: pa.Table) -> pa.Table:
    """One row per account, specification and term; a status and a reason where the days cannot carry the model.

    `days` are rows of int_growth_own_days. `response` is ln(1 + clicks or engagements), `volume` ln(1 + originals);
    estimates are changes in the log of expected new follows, for one unit. `follows_with_posts` is a number of
    follows: how many more there were on days with posts than the model expects of days without. Weekdays and a trend
    are in every model, and where the platform states paid impressions and some were bought, ln(1 + these) is too:
    `is_promotion_held`.
    """
    rows: list[Row] = []
    table = days.sort_by([("account_key", "ascending"), ("date", "ascending")]).to_pylist()
    for account in sorted({row["account_key"] for row in table}):
        own = [row for row in table if row["account_key"] == account]
        for specification in SHIFTS:
            address = {name: own[0][name] for name in ("response_basis", "follow_basis")} | {"account_key": account}
            rows += [{**address, "specification": specification, **row} for row in _fit(own, specification)]
    return build_table(rows, OWN_DAYS)


def _fit(rows: list[dict[str, object]], specification: str) -> list[Row]:
    days = _collect(rows, specification)
    follows = int(days.follows.sum())
    facts: Row = {"day_count": len(days.number), "new_follow_count": follows, "is_promotion_held": bool(days.promotion)}
    reason = ""
    if len(days.number) < FEWEST_DAYS:
        reason = f"{len(days.number)} days with follows, posts and a response; a model of days needs {FEWEST_DAYS}"
    elif follows < FEWEST_FOLLOWS:
        kind = "new follows" if rows[0]["follow_basis"] == "new_follows" else "net new followers"
        reason = f"{follows} {kind} in {len(days.number)} days; a model of days needs {FEWEST_FOLLOWS}"
    if reason:
        return _refuse(facts, specification, "insufficient_data", reason)
    controls = {"level": np.ones(len(days.number)), "trend": (days.number - days.number.mean()) / len(days.number)}
    weekdays = {f"weekday {day}": (days.number % 7 == day).astype(np.float64) for day in range(1, 7)}
    terms = {**controls, **weekdays, **days.promotion, **days.drivers}
    try:
        fit = fit_daily_counts(days.follows, np.column_stack(list(terms.values())), days.number, list(terms))
    except ValueError as error:
        return _refuse(facts, specification, "not_testable", str(error))
    figures = {name: fit.estimate(name) for name in days.drivers}
    found: list[Row] = [{**_describe(name, figure), **_if_doubled(figure)} for name, figure in figures.items()]
    if specification == SAME_DAY:
        found.append(_follows_with_posts(fit, days))
    return [{**facts, **row} for row in found]


def _collect(rows: list[dict[str, object]], specification: str) -> _Days:
    """Days on which follows and every driver of the specification are known."""
    by_day = {_day(row): row for row in rows}
    shift = SHIFTS[specification]
    is_promoted = any(row["promoted_impression_count"] for row in rows)
    kept: dict[int, list[float]] = {}
    for number in sorted(by_day):
        source = by_day.get(number + shift, {})
        values = [source.get("response_count"), source.get("original_post_count")]
        if specification == PLACEBO:
            values.append(by_day.get(number + 1, {}).get("response_count"))
        if is_promoted:
            values.append(source.get("promoted_impression_count"))
        # Less than nothing is a correction of earlier days, and says nothing about this one.
        known = [float(np.log1p(value)) for value in values if isinstance(value, int) and value >= 0]
        if len(known) == len(values):
            kept[number] = known
    names = (*DRIVERS, NEXT_DAY) if specification == PLACEBO else DRIVERS
    columns = np.array(list(kept.values())).reshape(len(kept), len(names) + is_promoted).T
    follows = np.array([by_day[number][OUTCOMES[str(rows[0]["follow_basis"])]] for number in kept], np.float64)
    promotion = {"promotion": columns[len(names)]} if is_promoted and columns[len(names)].any() else {}
    return _Days(np.array(list(kept), np.int64), follows, dict(zip(names, columns, strict=False)), promotion)


def _day(row: Mapping[str, object]) -> int:
    day = row["date"]
    assert isinstance(day, date)  # noqa: S101 - the column is a date
    return day.toordinal()


def _follows_with_posts(fit: DailyFit, days: _Days) -> Row:
    """Follows on days with posts beyond what the model expects had these days been like the silent ones."""
    is_silent = days.drivers["volume"] == 0
    if int(is_silent.sum()) < FEWEST_SILENT_DAYS:
        reason = f"{int(is_silent.sum())} days without posts; a comparison with them needs {FEWEST_SILENT_DAYS}"
        return {"term": POSTS_PART, "status": "insufficient_data", "status_reason": reason}
    moved = np.zeros_like(fit.design)
    for name in DRIVERS:
        column = fit.terms.index(name)
        values = days.drivers[name]
        moved[:, column] = np.where(is_silent, 0.0, values - values[is_silent].mean())
    without = np.exp(-(moved @ fit.coefficients))
    figure = float((fit.mean * (1 - without)).sum())
    gradient = ((fit.mean * (1 - without))[:, None] * fit.design + (fit.mean * without)[:, None] * moved).sum(axis=0)
    return _describe(POSTS_PART, fit.judge(figure, gradient))


def _describe(term: str, figure: Sum) -> Row:
    return {
        "term": term,
        "estimate": figure.estimate,
        "standard_error": figure.standard_error,
        "conf_low": figure.conf_low,
        "conf_high": figure.conf_high,
        "p_value": figure.p_value,
        "status": "ok",
        "status_reason": "",
    }


def _if_doubled(figure: Sum) -> Row:
    """The share by which follows are higher with twice as much of one plus the driver, and its limits."""
    ends = {"": figure.estimate, "_low": figure.conf_low, "_high": figure.conf_high}
    return {f"change_if_doubled{end}": float(np.expm1(value * np.log(2))) for end, value in ends.items()}


def _refuse(facts: Row, specification: str, status: str, reason: str) -> list[Row]:
    return [{**facts, "term": term, "status": status, "status_reason": reason} for term in TERMS[specification]]
