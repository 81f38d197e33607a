"""Retention curves by segment and length of silence, against the reference curve of real patients."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.analysis.retention import ASKED_DAYS, estimate_retention


def _spells(spells: list[tuple[int, bool]], segment: str = "all", silence: int = 30) -> list[dict[str, object]]:
    return [
        {
            "segment_dimension": "all",
            "segment": segment,
            "silence_days": silence,
            "duration_days": duration,
            "is_quit": is_quit,
        }
        for duration, is_quit in spells
    ]


def _curve(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return list(estimate_retention(pa.Table.from_pylist(rows)).to_pylist())


def test_a_curve_of_five_accounts_is_that_of_the_definition() -> None:
    """Quit after 2, 2 and 9 days; censored after 5 and 9: survival 3/5, then 3/5 x 1/2."""
    rows = {row["day"]: row for row in _curve(_spells([(2, True), (2, True), (5, False), (9, True), (9, False)]))}
    assert sorted(rows) == [0, 1, 2, 5, 7, 9]
    assert [rows[day]["survival_share"] for day in (0, 2, 7, 9)] == [1.0, 0.6, 0.6, 0.3]
    assert [rows[day]["at_risk_count"] for day in (0, 2, 5, 7, 9)] == [5, 5, 3, 2, 2]
    assert [rows[day]["quit_count"] for day in (0, 2, 5, 7, 9)] == [0, 2, 0, 0, 1]


def test_days_beyond_the_last_watched_one_are_not_made_up() -> None:
    rows = _curve(_spells([(3, False), (4, False)]))
    assert max(int(str(row["day"])) for row in rows) == 4
    assert all(row["survival_share"] == 1.0 for row in rows)


def test_each_segment_and_silence_has_a_curve_of_its_own() -> None:
    rows = _curve(_spells([(2, True)]) + _spells([(2, False)], silence=60) + _spells([(2, True)], segment="b2b"))
    last = {(row["segment"], row["silence_days"]): row["survival_share"] for row in rows if row["day"] == 2}
    assert last == {("all", 30): 0.0, ("all", 60): 1.0, ("b2b", 30): 0.0}


def test_nobody_gives_no_rows() -> None:
    table = pa.Table.from_pylist(_spells([(1, True)])).slice(0, 0)
    assert estimate_retention(table).num_rows == 0


def test_curve_and_limits_are_those_of_the_reference(oracles: Path) -> None:
    folder = oracles / "03a_survival_lung"
    with (folder / "input.csv").open(encoding="utf-8", newline="") as file:
        patients = [(int(row["time"]), row["event"] in ("1", "TRUE")) for row in csv.DictReader(file)]
    expected = json.loads((folder / "expected.json").read_text())["overall"]["ci_log-log"]
    rows = {row["day"]: row for row in _curve(_spells(patients))}
    for position, day in enumerate(expected["time"]):
        if day in ASKED_DAYS:
            assert rows[day]["survival_share"] == pytest.approx(expected["surv"][position], abs=1e-8)
            assert rows[day]["conf_low"] == pytest.approx(expected["lower"][position], abs=1e-8)
            assert rows[day]["conf_high"] == pytest.approx(expected["upper"][position], abs=1e-8)
            assert rows[day]["at_risk_count"] == expected["n_risk"][position]
