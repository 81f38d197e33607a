"""The linear map that clears a growth model of the chance in quality, and the errors that carry it.

What a row's quality is predicted by, and how chance enters, is in `calibration`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.analysis.growth.calibration import Quality
from pipeline.analysis.panel import PanelFit
from pipeline.analysis.panel.estimates import Inference
from pipeline.analysis.panel.generated import carry_changes, map_terms, own_changes, rescale_terms
from pipeline.analysis.panel.inference import WithinRegression
from pipeline.analysis.panel.projection import TwoWay, find_time_effects, subtract_effects, sum_by_unit

FloatArray = npt.NDArray[np.float64]
# The map is near one where quality varies as its moments say; near zero chance explains all of the measured swings.
SMALLEST_MAP = 0.05


@dataclass(frozen=True)
class CorrectedFit:
    """The model with corrected quality, its coefficients per unit of each term, and again per typical swing."""

    fit: PanelFit
    in_swings: PanelFit  # without wild p-values
    swings: dict[str, float]


def find_map(quality: Quality, regression: WithinRegression) -> FloatArray:
    """The map (k, k) from predicted to corrected terms of the regression, quality first.

    Raises ValueError where the weeks of quality cannot be distinguished from chance.
    """
    count = len(quality.terms)
    products = np.zeros((len(regression.bread), count))
    for rows, own in zip(regression.blocks(), quality.rows, strict=True):
        # Terms that are cleared of effects clear what they are multiplied with.
        products += rows.x.T @ own.measured
        products[:count] -= own.chance(rows.effects, own.variance).sum(axis=0)
    terms = np.eye(len(products))
    terms[:, :count] = regression.bread @ products
    if np.linalg.eigvals(terms[:count, :count]).real.min() < SMALLEST_MAP:
        raise ValueError("the weeks' quality cannot be distinguished from chance in these accounts")
    return terms


def correct_fit(fit: PanelFit, quality: Quality, groups: Collection[Sequence[str]], *, wild_draws: int) -> CorrectedFit:
    """The fit on predicted quality, corrected; terms of quality come first. The terms of a group share one swing.

    Raises ValueError where the weeks of quality cannot be distinguished from chance.
    """
    units, count = fit.n_units, len(quality.terms)
    terms = find_map(quality, fit.inference.regression)
    inference = map_terms(fit.inference, terms)
    changes, responses, factor = _changes(fit.inference, inference, quality, terms)
    everybody = np.zeros((len(quality.names), len(terms)))
    everybody[:units] = changes
    for change, response in zip(quality.changes, responses, strict=True):
        everybody += np.outer(change, response)
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
        carry_changes(base, moved[:units], moved[units:], factor=factor)
        for base, moved in ((inference, everybody), (rescale_terms(inference, scale), in_swings))
    ]
    # The wild p of a term does not depend on its scale: drawn once, it is half of the work on thousands of accounts.
    fits = [plain.with_inference(replace(carried[0], wild_draws=wild_draws)), plain.with_inference(carried[1])]
    return CorrectedFit(fits[0], fits[1], swings)


def _changes(
    before: Inference, inference: Inference, quality: Quality, terms: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Change of the coefficients (G, k) without each unit, for which the map is another too; the factor of squares.

    In the middle their change (spreads, k) for one unit of each spread of the first step.
    """
    own, factor = own_changes(inference)
    if not quality.has_chance:
        return own, np.zeros((len(quality.changes), len(terms))), factor
    old, regression, count = before.regression, inference.regression, len(quality.terms)
    slopes, is_crv1 = regression.coefficients[:count], inference.method == "crv1"
    # Refits without the unit, but for the effects of time: a linear step would make the map surer than it is.
    changes = np.zeros_like(own) if is_crv1 else own.copy()
    pulls = np.zeros((len(quality.changes), len(terms)))
    products = regression.products[:-1, :-1]

    def read() -> Iterator[tuple[TwoWay, FloatArray]]:
        for rows, quality_rows in zip(old.blocks(), quality.rows, strict=True):
            yield rows.effects, quality_rows.measured

    time_effects = find_time_effects(read)
    for rows, quality_rows in zip(old.blocks(), quality.rows, strict=True):
        effects, x = rows.effects, rows.x @ terms
        # Residuals with measured quality in the place of corrected quality.
        gap = (x[:, :count] - subtract_effects(effects, quality_rows.measured, time_effects)) @ slopes
        pull = sum_by_unit(effects, x, gap + rows.residuals if is_crv1 else gap)
        pull += quality_rows.chance(effects, quality_rows.variance) @ slopes @ terms[:count]
        ends = effects.unit_starts + effects.unit_sizes
        own_products = [x[start:end].T @ x[start:end] for start, end in zip(effects.unit_starts, ends, strict=True)]
        left = np.linalg.pinv(products - np.array(own_products), hermitian=True)
        changes[rows.units] -= np.einsum("gij,gj->gi", left, pull)
        for total, (moved, variance_moved) in zip(pulls, quality_rows.spreads, strict=True):
            total -= rows.x.T @ (moved @ slopes)
            total[:count] += quality_rows.chance(effects, variance_moved).sum(axis=0) @ slopes
            total[:count] += quality_rows.predict(moved).T @ (rows.residuals + gap)
    responses = np.asarray(np.linalg.solve(terms, old.bread @ pulls.T).T, np.float64)
    return changes, responses, factor
