"""The slow truth for panel tests: least squares with a dummy per unit and time, refitted for every question."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def draw_panel(
    seed: int, *, units: int = 14, times: int = 9, terms: int = 2, missing: float = 0.3, effect: float = 0.5
) -> pa.Table:
    """Unbalanced panel whose regressors depend on the effects; every coefficient is `effect`."""
    generator = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), times), np.tile(np.arange(times), units)
    unit_effect, time_effect = generator.normal(size=units) * 3, generator.normal(size=times)
    x = generator.normal(size=(len(unit), terms)) + unit_effect[unit, None] - time_effect[time, None]
    noise = generator.normal(size=len(unit)) * (0.5 + generator.random(units))[unit]
    y = effect * x.sum(axis=1) + unit_effect[unit] + time_effect[time] + noise
    kept = generator.random(len(unit)) >= missing
    columns = {f"x{j}": x[kept, j] for j in range(terms)}
    return pa.table({"unit": [f"x:{code:03d}" for code in unit[kept]], "time": time[kept], "y": y[kept], **columns})


def read_arrays(table: pa.Table, terms: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """y, X, unit labels, time labels."""
    x = np.column_stack([table[term].to_numpy() for term in terms])
    return table["y"].to_numpy(), x, np.array(table["unit"].to_pylist()), np.array(table["time"].to_pylist())


def dummies(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] == np.unique(labels)[None, :]).astype(float)


def fit_with_dummies(y: np.ndarray, x: np.ndarray, units: np.ndarray, times: np.ndarray) -> tuple:
    """Coefficients of the terms, residuals, and the terms after the effects."""
    effects = np.hstack([dummies(units), dummies(times)])
    design = np.hstack([x, effects])
    solved = np.linalg.lstsq(design, y, rcond=1e-12)[0]
    demeaned = x - effects @ np.linalg.lstsq(effects, x, rcond=1e-12)[0]
    return solved[: x.shape[1]], y - design @ solved, demeaned


def scores_by_unit(x: np.ndarray, residuals: np.ndarray, units: np.ndarray) -> np.ndarray:
    return np.array([(x[units == unit] * residuals[units == unit, None]).sum(axis=0) for unit in np.unique(units)])


def wild_statistics(y: np.ndarray, x: np.ndarray, units: np.ndarray, times: np.ndarray, j: int) -> np.ndarray:
    """|t| of term j in every sign vector, the regression refitted each time; the sample is the vector of ones."""
    names = np.unique(units)
    _, restricted, _ = fit_with_dummies(y, np.delete(x, j, axis=1), units, times)
    statistics = []
    for code in range(2 ** len(names)):
        signs = np.array([1.0 if (code >> g) & 1 == 0 else -1.0 for g in range(len(names))])
        drawn = y - restricted + restricted * signs[np.searchsorted(names, units)]
        b, residuals, demeaned = fit_with_dummies(drawn, x, units, times)
        influence = demeaned @ np.linalg.inv(demeaned.T @ demeaned)
        error = np.sqrt((scores_by_unit(influence[:, [j]], residuals, units) ** 2).sum())
        statistics.append(abs(b[j]) / error)
    return np.array(statistics)
