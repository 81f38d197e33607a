"""Errors of a panel regression whose regressors were themselves estimated, such as quality drawn to a mean.

An account that is left out moves the coefficients twice: by its own rows, and through the parameters of the earlier
step. Both are added before they are squared, so that the errors of the two steps may work together or against each
other. How the parameters move is told by the caller. Sources: Murphy and Topel 1985; jackknife over clusters as in
MacKinnon, Nielsen and Webb 2023.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.panel.data import read_labels, read_sample
from pipeline.analysis.panel.estimates import Inference
from pipeline.analysis.panel.inference import crv1_correction, jackknife_changes
from pipeline.analysis.panel.projection import demean_two_way, sum_by_unit

if TYPE_CHECKING:
    from pipeline.analysis.panel import PanelFit

FloatArray = npt.NDArray[np.float64]
_NUMBER = "number of the unit"


@dataclass(frozen=True)
class Parameter:
    """One parameter of the earlier step.

    `columns` maps a regressor to the column that holds its change for one unit of the parameter, `changes` a unit to
    the change of the parameter when that unit is left out.
    """

    columns: Mapping[str, str]
    changes: Mapping[str, float]


def carry_parameters(
    table: pa.Table, fit: "PanelFit", parameters: Sequence[Parameter], *, outcome: str, unit: str, time: str
) -> Inference:
    """The inference of `fit` with a covariance that carries the estimation of the parameters.

    `table` is the one that `fit` was fitted to, with the columns that the parameters name beside it. The plain CRV1
    and CRV3 stay as they are. Without parameters, and where nothing is tested, nothing changes.
    """
    inference = fit.inference
    if not parameters or inference.method == "none":
        return inference
    regression, terms = inference.regression, list(fit.estimates)
    codes, labels = read_labels(table, unit)
    names = sorted({name for parameter in parameters for name in parameter.changes} | set(labels.to_pylist()))
    number = {name: position for position, name in enumerate(names)}
    columns = sorted({column for parameter in parameters for column in parameter.columns.values()})
    numbers = np.array([number[name] for name in labels.to_pylist()])
    passengers = table.append_column(_NUMBER, pa.array(numbers[codes]))
    sample = read_sample(passengers, outcome=outcome, regressors=[*terms, *columns, _NUMBER], unit=unit, time=time)
    effects = regression.effects
    moved = dict(
        zip(columns, demean_two_way(effects, sample.regressors[:, len(terms) : -1]).T, strict=True) if columns else ()
    )
    changes = np.zeros((len(names), len(terms)))
    for parameter in parameters:
        # The differential of least squares when its regressors shift.
        pull = np.zeros(len(terms))
        for term, column in parameter.columns.items():
            at, shift = terms.index(term), moved[column]
            pull[at] += shift @ regression.residuals
            pull -= regression.x.T @ shift * regression.coefficients[at]
        response = regression.bread @ pull
        changes += np.array([parameter.changes.get(name, 0.0) for name in names])[:, None] * response
    own = sample.regressors[effects.unit_starts, -1].astype(np.int64)
    others = np.delete(changes, own, axis=0)
    units, scores = effects.unit_count, sum_by_unit(effects, regression.x, regression.residuals)
    if inference.method == "crv1":
        inside, factor = changes[own] - scores @ regression.bread, crv1_correction(regression)
    else:
        inside, factor = changes[own] + jackknife_changes(regression), (units - 1) / units
    covariance: FloatArray = factor * (inside.T @ inside) + others.T @ others
    return replace(inference, covariance=covariance)
