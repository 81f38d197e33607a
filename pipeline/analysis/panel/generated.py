"""Panel regressions whose regressors were themselves estimated, such as quality cleared of chance.

The regressors may be a linear map of those that were fitted: the fit follows without another regression. An account
that is left out moves the coefficients twice: by its own rows, and through the earlier step. Both are added before they
are squared, so that the errors of the two steps may work together or against each other. How the earlier step moves is
given by the caller. Sources: Murphy and Topel 1985; jackknife over clusters as in MacKinnon, Nielsen and Webb 2023.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipeline.analysis.panel.estimates import Inference, prepare_inference
from pipeline.analysis.panel.inference import crv1_correction

FloatArray = npt.NDArray[np.float64]


def map_terms(inference: Inference, terms: FloatArray) -> Inference:
    """The inference of the same regression on other regressors: `terms` (k, k) has them as columns of the old ones.

    Raises ValueError where the new regressors are collinear.
    """
    try:
        back = np.asarray(np.linalg.inv(terms), np.float64)
    except np.linalg.LinAlgError:
        raise ValueError("the regressors cannot be distinguished") from None
    regression = inference.regression.mapped(terms, back)
    jackknife = not np.isnan(inference.covariance_crv3).all()
    return prepare_inference(regression, wild_draws=inference.wild_draws, seed=inference.seed, jackknife=jackknife)


def rescale_terms(inference: Inference, scale: FloatArray) -> Inference:
    """The same inference per `scale` (k,) units of each term."""
    squares = np.outer(scale, scale)
    return replace(
        inference,
        regression=inference.regression.mapped(np.diag(1 / scale), np.diag(scale)),
        covariance_crv1=inference.covariance_crv1 * squares,
        covariance_crv3=inference.covariance_crv3 * squares,
        covariance=inference.covariance * squares,
    )


def own_changes(inference: Inference) -> tuple[FloatArray, float]:
    """Coefficients without each unit minus those with all (G, k), and the factor of their squares, by the method."""
    regression = inference.regression
    if inference.method == "crv1":
        return -(regression.by_unit.scores @ regression.bread), crv1_correction(regression)
    units = regression.unit_count
    return regression.jackknife_changes, (units - 1) / units


def carry_changes(inference: Inference, changes: FloatArray, others: FloatArray, *, factor: float) -> Inference:
    """The inference with a covariance from the coefficients' changes without each unit, both steps together.

    `changes` (G, k) are those of the fit's units, `others` (M, k) those of units that only the earlier step has. The
    plain CRV1 and CRV3 stay as they are. Where nothing is tested nothing changes.
    """
    if inference.method == "none":
        return inference
    covariance: FloatArray = factor * (changes.T @ changes) + others.T @ others
    return replace(inference, covariance=covariance)
