"""Kaplan-Meier curves: who is still there after t days when some are still being watched.

What counts as quitting, and from which day, is decided in the dbt models; here are only durations and events.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtri

FloatArray = npt.NDArray[np.float64]
SCHEMA = pa.schema(
    [
        ("time", pa.float64()),
        ("at_risk", pa.int64()),
        ("events", pa.int64()),
        ("survival", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
    ]
)


def kaplan_meier(
    durations: Sequence[float] | Any, events: Sequence[bool] | Any, *, confidence: float = 0.95
) -> pa.Table:
    """Survival curve with log-log limits, one row per distinct duration (censored ones included), ascending.

    `durations` (any unit, >= 0) and `events` (true or 1 = it happened, false or 0 = still there when last seen) are
    sequences, numpy or pyarrow arrays of one length. `at_risk` counts who was there just before `time`, `events` who
    left at it; `survival` includes the events at `time`. An event precedes a censoring at the same time. Limits: [1, 1]
    before the first event; null where survival is 0, because the variance is infinite there. No durations, no rows.
    Raises ValueError for unequal lengths, negative or missing durations, and events other than 0 or 1.
    Sources: Kaplan and Meier 1958; variance Greenwood 1926; limits Kalbfleisch and Prentice 1980.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, got {confidence}")
    length, happened = _read(durations, "durations"), _read(events, "events")
    if len(length) != len(happened):
        raise ValueError(f"{len(length)} durations but {len(happened)} events")
    if (length < 0).any():
        raise ValueError("durations are never negative")
    if not np.isin(happened, (0.0, 1.0)).all():
        raise ValueError("events are true or false (1 or 0)")
    times, position = np.unique(length, return_inverse=True)
    event_count = np.bincount(position, weights=happened, minlength=len(times)).astype(np.int64)
    left_count = np.bincount(position, minlength=len(times)).astype(np.int64)
    at_risk = len(length) - np.cumsum(left_count) + left_count
    survivors = at_risk - event_count
    survival = np.cumprod(survivors / at_risk, dtype=np.float64)
    low, high = _log_log_limits(survival, at_risk, event_count, float(ndtri(0.5 + confidence / 2)))
    columns = [times, at_risk, event_count, survival, low, high]
    arrays = [
        pa.array(column, type=field.type, from_pandas=True) for column, field in zip(columns, SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def survival_at(curve: pa.Table, times: Sequence[float]) -> pa.Table:
    """Read a curve of `kaplan_meier` at given times, in the order given, with the columns of the curve.

    `at_risk` = still there just before the time; `events` = all events up to and including it. Beyond the last observed
    duration nothing is known: survival and limits are null, unless survival had already reached 0.
    """
    known = {name: curve.column(name).to_numpy() for name in curve.column_names}
    total_events = np.concatenate([[0], np.cumsum(known["events"])])
    rows = []
    for time in times:
        step = int(np.searchsorted(known["time"], time, side="right"))
        following = int(np.searchsorted(known["time"], time, side="left"))
        row: dict[str, float | int | None] = {
            "time": float(time),
            "at_risk": int(known["at_risk"][following]) if following < curve.num_rows else 0,
            "events": int(total_events[step]),
            "survival": None,
            "conf_low": None,
            "conf_high": None,
        }
        if following < curve.num_rows or (step > 0 and known["survival"][step - 1] == 0):
            limits = ("survival", "conf_low", "conf_high")
            row |= {name: curve.column(name)[step - 1].as_py() if step > 0 else 1.0 for name in limits}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _log_log_limits(
    survival: FloatArray, at_risk: npt.NDArray[np.int64], events: npt.NDArray[np.int64], quantile: float
) -> tuple[FloatArray, FloatArray]:
    """Limits S^exp(+-z se / |log S|), which stay within 0..1; NaN where S = 0."""
    inside = (survival > 0) & (survival < 1)
    with np.errstate(divide="ignore"):
        variance_of_log = np.cumsum(events / (at_risk * (at_risk - events).astype(np.float64)))
    low = np.where(survival == 1, 1.0, np.nan)
    high = low.copy()
    width = np.exp(quantile * np.sqrt(variance_of_log[inside]) / -np.log(survival[inside]))
    low[inside] = survival[inside] ** width
    high[inside] = survival[inside] ** (1 / width)
    return low, high


def _read(values: Any, name: str) -> FloatArray:
    array = values.to_pylist() if isinstance(values, pa.Array | pa.ChunkedArray) else values
    numbers = np.array([np.nan if value is None else value for value in array], dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} hold missing or infinite values; leave those accounts out and say how many")
    return numbers
