"""Whether a following won by follow churn pays attention: engagement before and after, against matched accounts.

A difference-in-differences on weekly engagement. Which accounts churn, and what engagement is, is decided in the dbt
models; the regression is in `panel`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from pipeline.analysis.panel import InsufficientDataError, PanelFit, fit_panel

WINDOW_WEEKS = 8
MINIMUM_WEEKS = 4  # with posts, on each side; fewer leave a mean of single posts
MATCHES = 3
FOLLOWER_TOLERANCE = 0.10
CHURNERS_FROM = 5
SCHEMA = pa.schema(
    [
        ("segment_dimension", pa.string()),
        ("segment", pa.string()),
        ("churner_count", pa.int64()),
        ("usable_churner_count", pa.int64()),
        ("matched_count", pa.int64()),
        ("observation_count", pa.int64()),
        ("effect", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
        ("p_value", pa.float64()),
        ("pre_trend_p_value", pa.float64()),
        ("status", pa.string()),
        ("status_reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Event:
    """The first cycle of an account; weeks are counted from the week in which it starts and from the one it ends in."""

    account_key: str
    size_tier: str
    start_week: date
    end_week: date


def estimate_churn_engagement(weeks: pa.Table, events: pa.Table, candidates: pa.Table) -> pa.Table:
    """One row: change of log engagement at equal audience after the first cycle, less that of matched accounts.

    `weeks`: account_key, week_start_date, log_engagement (mean over the week's posts of ln(1 + reactions)),
    follower_count. `events`: account_key, size_tier, start_week, end_week. `candidates`: account_key, size_tier of
    accounts that never showed any waves. Up to three candidates of the same tier whose followers lay within 10 % in
    the last week before the cycle are matched to each account, none of them twice. Effects of account and of week; the
    audience is held equal by ln followers; errors by account. Without at least five usable accounts: insufficient_data.
    """
    paths = _read_paths(weeks)
    found = [Event(**row) for row in events.sort_by("account_key").to_pylist()]
    tiers = {row["account_key"]: row["size_tier"] for row in candidates.to_pylist()}
    usable = [event for event in found if _is_usable(event, paths.get(event.account_key, {}))]
    taken: set[str] = set()
    rows: list[dict[str, Any]] = []
    for event in usable:
        matches = _match(event, paths, {key for key, tier in tiers.items() if tier == event.size_tier} - taken)
        if matches:
            taken |= set(matches)
            for key in [event.account_key, *matches]:
                rows += _panel_rows(event, key, paths[key])
    matched_events = len({row["unit"] for row in rows if row["is_churner"]})
    result: dict[str, Any] = {
        "segment_dimension": "all",
        "segment": "all",
        "churner_count": len(found),
        "usable_churner_count": matched_events,
        "matched_count": len(taken),
        "observation_count": len(rows),
    }
    if matched_events < CHURNERS_FROM:
        reason = (
            f"{matched_events} of {len(found)} accounts with the pattern have {MINIMUM_WEEKS} weeks with posts before "
            f"their first cycle and after it, and a matched account; {CHURNERS_FROM} are needed"
        )
        return _table(result | {"status": "insufficient_data", "status_reason": reason})
    return _table(result | _fit(rows))


def _fit(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    panel = pa.Table.from_pylist(list(rows))
    try:
        fit = _regress(panel, "after")
    except (InsufficientDataError, ValueError) as error:
        return {"status": "insufficient_data", "status_reason": str(error)}
    estimate = fit.estimates["after"]
    return {
        "effect": _rounded(estimate.estimate),
        "conf_low": _rounded(estimate.conf_low),
        "conf_high": _rounded(estimate.conf_high),
        # Of the same inference as the limits: below 0.05 exactly where they leave out 0.
        "p_value": _rounded(estimate.p_value),
        "pre_trend_p_value": _pre_trend(rows),
        "status": fit.status,
        "status_reason": fit.status_reason or None,
    }


def _pre_trend(rows: Sequence[dict[str, Any]]) -> float | None:
    """P that the accounts drifted apart already in the second half of the weeks before."""
    before = [row for row in rows if row["position"] < 0]
    panel = pa.Table.from_pylist(
        [row | {"after": float(row["is_churner"] and row["position"] >= -WINDOW_WEEKS // 2)} for row in before]
    )
    try:
        estimate = _regress(panel, "after").estimates["after"]
    except (InsufficientDataError, ValueError):
        return None
    return _rounded(estimate.p_value)


def _regress(panel: pa.Table, term: str) -> PanelFit:
    return fit_panel(
        panel, outcome="log_engagement", regressors=[term, "log_followers"], unit="unit", time="week", wild_draws=0
    )


def _read_paths(weeks: pa.Table) -> dict[str, dict[date, tuple[float, float]]]:
    """Log engagement and ln followers by account and week, where both are known."""
    paths: dict[str, dict[date, tuple[float, float]]] = {}
    for row in weeks.to_pylist():
        if row["log_engagement"] is not None and row["follower_count"]:
            values = (row["log_engagement"], math.log(row["follower_count"]))
            paths.setdefault(row["account_key"], {})[row["week_start_date"]] = values
    return paths


def _position(event: Event, week: date) -> int | None:
    """-8..-1 before the cycle, 1..8 after it; None during it and further away."""
    before, after = (event.start_week - week).days // 7, (week - event.end_week).days // 7
    if 1 <= before <= WINDOW_WEEKS:
        return -before
    return after if 1 <= after <= WINDOW_WEEKS else None


def _is_usable(event: Event, path: dict[date, tuple[float, float]]) -> bool:
    positions = [position for week in path if (position := _position(event, week)) is not None]
    before = sum(position < 0 for position in positions)
    return before >= MINIMUM_WEEKS and len(positions) - before >= MINIMUM_WEEKS


def _match(event: Event, paths: dict[str, dict[date, tuple[float, float]]], candidates: set[str]) -> list[str]:
    """Keys of the nearest candidates by followers in the last week before the cycle that both have."""
    own = paths[event.account_key]
    distances = []
    for key in sorted(candidates & set(paths)):
        path = paths[key]
        common = [week for week in own if week in path and week < event.start_week]
        if not common or not _is_usable(event, path):
            continue
        difference = abs(path[max(common)][1] - own[max(common)][1])
        if difference <= FOLLOWER_TOLERANCE:
            distances.append((difference, key))
    return [key for _, key in sorted(distances)[:MATCHES]]


def _panel_rows(event: Event, key: str, path: dict[date, tuple[float, float]]) -> list[dict[str, Any]]:
    is_churner = key == event.account_key
    return [
        {
            "unit": key,
            "week": week,
            "position": position,
            "is_churner": is_churner,
            "after": float(is_churner and position > 0),
            "log_engagement": engagement,
            "log_followers": followers,
        }
        for week, (engagement, followers) in sorted(path.items())
        if (position := _position(event, week)) is not None
    ]


def _table(row: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([row], schema=SCHEMA)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)
