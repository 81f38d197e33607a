"""Errors that carry an earlier step, against a jackknife that repeats both steps without each unit."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.generated import Parameter, carry_parameters

NAMES = {"outcome": "y", "unit": "unit", "time": "time"}


def draw(seed: int, *, units: int = 20, times: int = 15) -> dict[str, np.ndarray]:
    """y depends on z + theta * w, where theta must be estimated as the mean of one noisy reading per unit."""
    rng = np.random.default_rng(seed)
    unit, time = (part.ravel() for part in np.indices((units, times)))
    z, w = rng.normal(size=(2, units * times))
    noise = rng.normal(0, 0.3, units * times) + 0.3 * rng.normal(size=units)[unit] * w
    return {
        "unit": unit,
        "time": time,
        "z": z,
        "w": w,
        "y": z + 0.8 * w + noise,
        "reading": rng.normal(0.8, 0.6, units),
    }


def fit(data: dict[str, np.ndarray], keep: np.ndarray, theta: float) -> tuple[pa.Table, PanelFit]:
    table = pa.table({name: data[name][keep] for name in ("time", "y", "w")})
    table = table.append_column("unit", pa.array([f"u{number:02d}" for number in data["unit"][keep]]))
    table = table.append_column("x", pa.array(data["z"][keep] + theta * data["w"][keep]))
    return table, fit_panel(table, regressors=["x"], wild_draws=0, **NAMES)


def test_carried_errors_are_those_of_a_jackknife_through_both_steps() -> None:
    data = draw(3)
    readings, everybody = data["reading"], np.ones(len(data["y"]), bool)
    theta = readings.mean()
    table, whole = fit(data, everybody, theta)
    count = len(readings)
    without = (readings.sum() - readings) / (count - 1)
    parameter = Parameter({"x": "w"}, {f"u{number:02d}": change for number, change in enumerate(without - theta)})
    carried = whole.with_inference(carry_parameters(table, whole, [parameter], **NAMES)).estimates["x"]
    again = [fit(data, data["unit"] != unit, without[unit])[1].estimates["x"].estimate for unit in range(count)]
    expected = np.sqrt((count - 1) / count * ((np.array(again) - whole.estimates["x"].estimate) ** 2).sum())
    assert carried.standard_error == pytest.approx(expected, rel=0.02)
    assert carried.standard_error > 1.2 * whole.estimates["x"].standard_error
    assert carried.se_crv3 == whole.estimates["x"].se_crv3
    assert carried.conf_low < whole.estimates["x"].conf_low


def test_a_unit_that_only_the_earlier_step_has_counts_too() -> None:
    data = draw(4)
    table, whole = fit(data, np.ones(len(data["y"]), bool), 0.8)
    plain = whole.estimates["x"].standard_error
    elsewhere = Parameter({"x": "w"}, {"somebody else": 0.2})
    carried = whole.with_inference(carry_parameters(table, whole, [elsewhere], **NAMES))
    assert carried.estimates["x"].standard_error > plain


def test_without_parameters_or_without_a_test_nothing_changes() -> None:
    data = draw(5)
    table, whole = fit(data, np.ones(len(data["y"]), bool), 0.8)
    assert carry_parameters(table, whole, [], **NAMES) is whole.inference
    still = Parameter({"x": "w"}, {"u00": 0.0})
    carried = whole.with_inference(carry_parameters(table, whole, [still], **NAMES))
    assert carried.estimates["x"].standard_error == pytest.approx(whole.estimates["x"].standard_error, rel=1e-12)
    few_table, few = fit(data, data["unit"] < 9, 0.8)
    assert carry_parameters(few_table, few, [still], **NAMES) is few.inference


def test_many_units_carry_in_the_crv1_form() -> None:
    data = draw(6, units=60)
    table, whole = fit(data, np.ones(len(data["y"]), bool), 0.8)
    assert whole.inference.method == "crv1"
    still = Parameter({"x": "w"}, {"u00": 0.0})
    carried = whole.with_inference(carry_parameters(table, whole, [still], **NAMES))
    assert carried.estimates["x"].standard_error == pytest.approx(whole.estimates["x"].se_crv1, rel=1e-12)
