"""Who is still there after so many days, by segment and by how long a silence counts as quitting.

Who is an account of the study, and how long it was watched, is decided in the dbt models.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from pipeline.analysis.survival import kaplan_meier, survival_at

# Days that a reader asks for; the curve's own steps are between them.
ASKED_DAYS = (0, 1, 7, 14, 30, 60, 90, 180, 365)
_SHARES = {"survival_share": "survival", "conf_low": "conf_low", "conf_high": "conf_high"}
CURVE_SCHEMA = pa.schema(
    [
        ("segment_dimension", pa.string()),
        ("segment", pa.string()),
        ("silence_days", pa.int64()),
        ("day", pa.int64()),
        ("account_count", pa.int64()),
        ("at_risk_count", pa.int64()),
        ("quit_count", pa.int64()),
        ("survival_share", pa.float64()),
        ("conf_low", pa.float64()),
        ("conf_high", pa.float64()),
    ]
)


def estimate_retention(spells: pa.Table) -> pa.Table:
    """Kaplan-Meier curves with log-log limits, one row per segment, length of silence and day.

    `spells`: segment_dimension, segment, silence_days, duration_days, is_quit. Days are those on which an account quit
    or was last seen, and the days that are asked for, as far as anybody was watched.
    """
    groups: dict[tuple[str, str, int], list[tuple[int, bool]]] = {}
    for row in spells.to_pylist():
        key = (row["segment_dimension"], row["segment"], int(row["silence_days"]))
        groups.setdefault(key, []).append((int(row["duration_days"]), bool(row["is_quit"])))
    rows = [row for key in sorted(groups) for row in _curve(key, groups[key])]
    return pa.Table.from_pylist(rows, schema=CURVE_SCHEMA)


def _curve(key: tuple[str, str, int], spells: list[tuple[int, bool]]) -> Iterable[dict[str, object]]:
    durations = [duration for duration, _ in spells]
    curve = kaplan_meier(durations, [is_quit for _, is_quit in spells])
    steps = dict(zip(curve["time"].to_pylist(), curve["events"].to_pylist(), strict=True))
    days = sorted({*map(int, steps), *(day for day in ASKED_DAYS if day <= max(durations))})
    for row in survival_at(curve, days).to_pylist():
        yield {
            "segment_dimension": key[0],
            "segment": key[1],
            "silence_days": key[2],
            "day": int(row["time"]),
            "account_count": len(spells),
            "at_risk_count": row["at_risk"],
            "quit_count": steps.get(row["time"], 0),
            **{name: _rounded(row[source]) for name, source in _SHARES.items()},
        }


def _rounded(value: float | None) -> float | None:
    """Twelve decimals: more than the limits are good for, fewer than machines differ in."""
    return None if value is None else float(np.round(value, 12))
