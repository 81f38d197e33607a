"""Count regression with unit and time effects, against the same model written with dummies."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.panel import InsufficientDataError
from pipeline.analysis.panel.poisson import PoissonFit, fit_poisson_panel


def draw_counts(seed: int, *, units: int = 12, times: int = 15, effect: float = 0.3) -> pa.Table:
    rng = np.random.default_rng(seed)
    unit, time = (part.ravel() for part in np.indices((units, times)))
    kept = rng.random(len(unit)) < 0.85
    unit, time = unit[kept], time[kept]
    x, exposure = rng.normal(size=len(unit)), rng.normal(3, 0.3, len(unit))
    log_mean = exposure + rng.normal(0, 0.5, units)[unit] + rng.normal(0, 0.3, times)[time] + effect * x
    counts = rng.poisson(np.exp(log_mean))
    return pa.table({"unit": unit, "time": time, "x": x, "exposure": exposure, "count": counts})


def fit(table: pa.Table) -> PoissonFit:
    return fit_poisson_panel(table, outcome="count", regressors=["x"], offset="exposure", unit="unit", time="time")


def newton_with_dummies(table: pa.Table) -> tuple[float, float]:
    """Coefficient of x and its CRV1 error, from the likelihood with one column for each unit and time."""
    unit, time = table["unit"].to_numpy(), table["time"].to_numpy()
    y, offset = table["count"].to_numpy().astype(float), table["exposure"].to_numpy()
    columns = [table["x"].to_numpy(), *(unit == u for u in np.unique(unit)), *(time == t for t in np.unique(time)[1:])]
    design = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        mean = np.exp(offset + design @ beta)
        beta = beta + np.linalg.solve(design.T @ (design * mean[:, None]), design.T @ (y - mean))
    mean = np.exp(offset + design @ beta)
    bread = np.linalg.inv(design.T @ (design * mean[:, None]))
    scores = np.array([(design * (y - mean)[:, None])[unit == u].sum(axis=0) for u in np.unique(unit)])
    groups, rows, terms = len(scores), len(y), 1 + len(np.unique(time))
    correction = groups / (groups - 1) * (rows - 1) / (rows - terms)
    return float(beta[0]), float(np.sqrt((correction * bread @ scores.T @ scores @ bread)[0, 0]))


def test_coefficient_and_error_equal_those_with_dummies() -> None:
    table = draw_counts(1, units=55, times=8)
    got = fit(table).estimates["x"]
    assert (got.estimate, got.standard_error) == pytest.approx(newton_with_dummies(table), rel=1e-7)
    assert got.conf_low < 0.3 < got.conf_high
    assert fit(table).method == "crv1"


def test_few_units_use_the_jackknife_and_fewer_than_ten_no_test() -> None:
    got = fit(draw_counts(2))
    assert got.method == "crv3"
    without = [
        newton_with_dummies(draw_counts(2).filter(pa.array(draw_counts(2)["unit"].to_numpy() != unit)))[0]
        for unit in range(12)
    ]
    changes = np.array(without) - got.estimates["x"].estimate
    assert got.estimates["x"].standard_error == pytest.approx(np.sqrt(11 / 12 * (changes**2).sum()), rel=1e-6)
    few = fit(draw_counts(3, units=6)).estimates["x"]
    assert (few.p_value, few.conf_low) == (None, None)


def test_units_without_any_count_are_dropped_and_counted() -> None:
    table = draw_counts(4)
    counts = np.where(table["unit"].to_numpy() == 0, 0, table["count"].to_numpy())
    silent = table.set_column(table.column_names.index("count"), "count", pa.array(counts))
    got = fit(silent)
    assert got.n_units == 11
    assert got.n_dropped == int((table["unit"].to_numpy() == 0).sum())
    assert got.estimates["x"].estimate == pytest.approx(
        newton_with_dummies(silent.filter(pa.array(table["unit"].to_numpy() != 0)))[0], rel=1e-7
    )


def test_what_cannot_be_fitted_is_refused_by_name() -> None:
    table = draw_counts(5)
    negative = table.set_column(4, "count", pa.array(-np.ones(table.num_rows)))
    with pytest.raises(ValueError, match="negative counts"):
        fit(negative)
    with pytest.raises(InsufficientDataError):
        fit(table.set_column(4, "count", pa.array(np.zeros(table.num_rows))))
    constant = table.set_column(2, "x", pa.array(table["unit"].to_numpy().astype(float)))
    with pytest.raises(ValueError, match="'x' does not vary"):
        fit(constant)
