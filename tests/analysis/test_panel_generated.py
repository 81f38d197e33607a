"""Regressions on a linear map of their terms, and errors that carry an earlier step, against refits of both steps."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.generated import carry_changes, map_terms, own_changes, rescale_terms

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


def fit(data: dict[str, np.ndarray], keep: np.ndarray, **columns: np.ndarray) -> PanelFit:
    table = pa.table({"time": data["time"][keep], "y": data["y"][keep], **{n: c[keep] for n, c in columns.items()}})
    table = table.append_column("unit", pa.array([f"u{number:02d}" for number in data["unit"][keep]]))
    return fit_panel(table, regressors=list(columns), wild_draws=0, **NAMES)


@pytest.mark.parametrize("units", [20, 60])
def test_a_linear_map_of_the_terms_needs_no_other_regression(units: int) -> None:
    data = draw(7, units=units)
    everybody, terms = np.ones(len(data["y"]), bool), np.array([[1.0, 0.5], [0.8, -2.0]])
    first, second = (np.array([data["z"], data["w"]]).T @ terms).T
    direct = fit(data, everybody, a=first, b=second)
    plain = fit(data, everybody, z=data["z"], w=data["w"])
    mapped = map_terms(plain.inference, terms)
    assert mapped.regression.coefficients == pytest.approx(direct.inference.regression.coefficients, rel=1e-10)
    assert mapped.covariance == pytest.approx(direct.inference.covariance, rel=1e-8)
    scaled = rescale_terms(mapped, np.array([2.0, 3.0]))
    again = fit(data, everybody, a=first / 2, b=second / 3).inference
    assert scaled.regression.coefficients == pytest.approx(again.regression.coefficients, rel=1e-10)
    assert scaled.covariance_crv3 == pytest.approx(again.covariance_crv3, rel=1e-8)
    with pytest.raises(ValueError, match="cannot be distinguished"):
        map_terms(plain.inference, np.zeros((2, 2)))


def test_carried_errors_are_those_of_a_jackknife_through_both_steps() -> None:
    data = draw(3)
    readings, everybody = data["reading"], np.ones(len(data["y"]), bool)
    theta, count = readings.mean(), len(readings)
    without = (readings.sum() - readings) / (count - 1)
    whole = fit(data, everybody, x=data["z"] + theta * data["w"])
    step = 1e-4
    near = [fit(data, everybody, x=data["z"] + (theta + side * step) * data["w"]) for side in (1, -1)]
    slope = (near[0].estimates["x"].estimate - near[1].estimates["x"].estimate) / (2 * step)
    changes, factor = own_changes(whole.inference)
    both = changes + slope * (without - theta)[:, None]
    carried = whole.with_inference(carry_changes(whole.inference, both, np.zeros((0, 1)), factor=factor))
    again = [
        fit(data, data["unit"] != unit, x=data["z"] + without[unit] * data["w"]).estimates["x"].estimate
        for unit in range(count)
    ]
    expected = np.sqrt((count - 1) / count * ((np.array(again) - whole.estimates["x"].estimate) ** 2).sum())
    assert carried.estimates["x"].standard_error == pytest.approx(expected, rel=0.02)
    assert carried.estimates["x"].standard_error > 1.2 * whole.estimates["x"].standard_error
    assert carried.estimates["x"].se_crv3 == whole.estimates["x"].se_crv3
    assert carried.estimates["x"].conf_low < whole.estimates["x"].conf_low


def test_a_unit_that_only_the_earlier_step_has_counts_too() -> None:
    data = draw(4)
    whole = fit(data, np.ones(len(data["y"]), bool), x=data["z"])
    changes, factor = own_changes(whole.inference)
    carried = whole.with_inference(carry_changes(whole.inference, changes, np.array([[0.2]]), factor=factor))
    plain = whole.estimates["x"].standard_error
    assert carried.estimates["x"].standard_error == pytest.approx(np.hypot(plain, 0.2), rel=1e-9)


@pytest.mark.parametrize(("units", "method"), [(20, "crv3"), (60, "crv1"), (9, "none")])
def test_changes_of_the_units_alone_give_the_plain_errors(units: int, method: str) -> None:
    data = draw(6, units=units)
    whole = fit(data, np.ones(len(data["y"]), bool), x=data["z"])
    assert whole.inference.method == method
    changes, factor = own_changes(whole.inference)
    carried = carry_changes(whole.inference, changes, np.zeros((0, 1)), factor=factor)
    if method == "none":
        assert carried is whole.inference
    else:
        assert carried.covariance == pytest.approx(whole.inference.covariance, rel=1e-9)
