"""The linear map that clears a growth model of the chance in quality, and the errors that carry it.

What a row's quality is predicted by, and how chance enters, is in `calibration`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.analysis.growth.calibration import Quality
from pipeline.analysis.panel import PanelFit
from pipeline.analysis.panel.estimates import Inference
from pipeline.analysis.panel.generated import carry_changes, map_terms, own_changes, rescale_terms
from pipeline.analysis.panel.inference import crv1_correction
from pipeline.analysis.panel.projection import TwoWay, demean_two_way, sum_by_unit

FloatArray = npt.NDArray[np.float64]
# The map is near one where quality varies as its moments say; near zero chance explains all of the measured swings.
SMALLEST_MAP = 0.05


@dataclass(frozen=True)
class CorrectedFit:
    """The model with corrected quality, its coefficients per unit of each term, and again per typical swing."""

    fit: PanelFit
    in_swings: PanelFit  # without wild p-values
    swings: dict[str, float]


def find_map(quality: Quality, effects: TwoWay, x: FloatArray, bread: FloatArray) -> FloatArray:
    """The map (k, k) from predicted to corrected terms; `x` (n, k) is cleared of effects, quality first.

    Raises ValueError where the weeks of quality cannot be distinguished from chance.
    """
    count = quality.measured.shape[1]
    products = x.T @ demean_two_way(effects, quality.measured)
    products[:count] -= quality.chance(effects, quality.variance).sum(axis=0)
    terms = np.eye(x.shape[1])
    terms[:, :count] = bread @ products
    if np.linalg.eigvals(terms[:count, :count]).real.min() < SMALLEST_MAP:
        raise ValueError("the weeks' quality cannot be distinguished from chance in these accounts")
    return terms


def correct_fit(fit: PanelFit, quality: Quality, groups: Collection[Sequence[str]], *, wild_draws: int) -> CorrectedFit:
    """The fit on predicted quality, corrected; terms of quality come first. The terms of a group share one swing.

    Raises ValueError where the weeks of quality cannot be distinguished from chance.
    """
    old = fit.inference.regression
    effects, count = old.effects, quality.measured.shape[1]
    terms = find_map(quality, effects, old.x, old.bread)
    inference = map_terms(fit.inference, terms)
    changes, factor = _changes(inference, quality, terms)
    everybody = np.zeros((len(quality.names), len(terms)))
    everybody[: effects.unit_count] = changes
    for moved, variance_moved, change in quality.spreads:
        everybody += np.outer(change, _respond(fit.inference, inference, quality, terms, moved, variance_moved))
    plain = fit.with_inference(inference)
    swings = {term: float(estimate.within_sd or 0.0) for term, estimate in plain.estimates.items()}
    for parts in groups:
        shared = float(np.sqrt(np.mean([swings[term] ** 2 for term in parts])))
        swings |= dict.fromkeys(parts, shared)
    swings |= dict.fromkeys(quality.terms, quality.swing)
    scale = np.array(list(swings.values()))
    in_swings = everybody * scale
    standardised = inference.regression.coefficients[:count] * quality.swing
    in_swings[:, :count] += np.outer(quality.swing_changes, standardised)
    carried = [
        carry_changes(base, moved[: effects.unit_count], moved[effects.unit_count :], factor=factor)
        for base, moved in ((inference, everybody), (rescale_terms(inference, scale), in_swings))
    ]
    # The wild p of a term does not depend on its scale: drawn once, it is half of the work on thousands of accounts.
    fits = [plain.with_inference(replace(carried[0], wild_draws=wild_draws)), plain.with_inference(carried[1])]
    return CorrectedFit(fits[0], fits[1], swings)


def _changes(inference: Inference, quality: Quality, terms: FloatArray) -> tuple[FloatArray, float]:
    """Change of the coefficients (G, k) without each unit, for which the map is another too; the factor of squares."""
    if not quality.variance.any():
        return own_changes(inference)
    regression, count = inference.regression, quality.measured.shape[1]
    effects, x = regression.effects, regression.x
    slopes = regression.coefficients[:count]
    gap = (x[:, :count] - demean_two_way(effects, quality.measured)) @ slopes
    pull = sum_by_unit(effects, x, gap) + quality.chance(effects, quality.variance) @ slopes @ terms[:count]
    if inference.method == "crv1":
        # Refits without the unit, but for the effects of time: a linear step would make the map surer than it is.
        own, factor = np.zeros_like(pull), crv1_correction(regression)
        pull = pull + sum_by_unit(effects, x, regression.residuals)
    else:
        own, factor = own_changes(inference)
    ends = effects.unit_starts + effects.unit_sizes
    products = np.array([x[start:end].T @ x[start:end] for start, end in zip(effects.unit_starts, ends, strict=True)])
    left = np.linalg.pinv(x.T @ x - products, hermitian=True)
    return own - np.einsum("gij,gj->gi", left, pull), factor


def _respond(
    before: Inference,
    inference: Inference,
    quality: Quality,
    terms: FloatArray,
    moved: FloatArray,
    variance_moved: FloatArray,
) -> FloatArray:
    """Change of the coefficients (k,) for one unit of a variance between posts."""
    old, regression, count = before.regression, inference.regression, quality.measured.shape[1]
    effects, slopes = old.effects, regression.coefficients[:count]
    shift = demean_two_way(effects, moved)
    predicted = demean_two_way(effects, np.einsum("njl,nl->nj", quality.weights, moved))
    # Residuals with measured quality in the place of corrected quality.
    gap = (regression.x[:, :count] - demean_two_way(effects, quality.measured)) @ slopes
    pull = -(old.x.T @ (shift @ slopes))
    pull[:count] += quality.chance(effects, variance_moved).sum(axis=0) @ slopes
    pull[:count] += predicted.T @ (regression.residuals + gap)
    return np.asarray(np.linalg.solve(terms, old.bread @ pull), np.float64)
