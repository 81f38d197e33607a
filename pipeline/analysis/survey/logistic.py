"""Logistic regression for a survey: several segment dimensions at once, with design-based standard errors.

Company size, industry and customer focus go together; a model with all of them shows which is left when the others are
held. Which answers are modelled is the caller's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, fdtrc, stdtr, stdtrit

from pipeline.analysis.survey.design import Design
from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray, IntArray

MOST_STEPS = 50
CONVERGED = 1e-10
ALWAYS_OR_NEVER = "a segment always or never gave this answer"
SEPARATED = 15.0  # log odds beyond which a fitted coefficient means "always" or "never"


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients in log odds, one per column of the model matrix, their covariance and degrees of freedom."""

    coefficients: FloatArray
    covariance: FloatArray
    degrees: int

    def limits(self, at: int, confidence: float = 0.95) -> tuple[float, float, float]:
        """(low, high, two-sided p) of one coefficient."""
        value, error = float(self.coefficients[at]), float(np.sqrt(self.covariance[at, at]))
        reach = float(stdtrit(self.degrees, 0.5 + confidence / 2)) * error
        return value - reach, value + reach, 2 * float(stdtr(self.degrees, -abs(value) / error))

    def joint_test(self, columns: slice) -> tuple[float, int, int, float]:
        """(F, df_num, df_den, p) of several coefficients being zero at once (Wald)."""
        part, covariance = self.coefficients[columns], self.covariance[columns, columns]
        statistic = float(part @ np.linalg.solve(covariance, part)) / len(part)
        return statistic, len(part), self.degrees, float(fdtrc(len(part), self.degrees, statistic))


@dataclass(frozen=True)
class ModelMatrix:
    """Dummies of several dimensions: the rows that occur (`patterns`, intercept first), which of them each respondent
    has, each dimension's columns and their levels."""

    patterns: FloatArray
    pattern_of: IntArray
    columns: Mapping[str, slice]
    levels: Mapping[str, tuple[str, ...]]
    references: Mapping[str, str]


def build_matrix(
    dimensions: Mapping[str, tuple[IntArray, tuple[str, ...]]], domain: IntArray, floor: int
) -> ModelMatrix:
    """Dummies for the rows of a domain; the largest level is the reference, smaller than `floor` is `(other)`.

    Dimensions with a single level are left out.
    """
    parts, columns, levels, references, start = [np.ones((len(domain), 1))], {}, {}, {}, 1
    for name, (codes, labels) in dimensions.items():
        count = np.bincount(codes[domain], minlength=len(labels))
        own = np.where(count >= floor, np.arange(len(labels)), len(labels))
        merged, names = own[codes[domain]], [*labels, "(other)"]
        sizes = np.bincount(merged, minlength=len(names))
        present = [int(level) for level in np.flatnonzero(sizes)]
        if len(present) < 2:
            continue
        reference = max(present, key=lambda level: (sizes[level], -level))
        shown = [level for level in present if level != reference]
        parts.append((merged[:, None] == np.array(shown)[None, :]).astype(np.float64))
        columns[name], start = slice(start, start + len(shown)), start + len(shown)
        levels[name], references[name] = tuple(names[level] for level in shown), names[reference]
    patterns, pattern_of = np.unique(np.hstack(parts), axis=0, return_inverse=True)
    return ModelMatrix(patterns, pattern_of.reshape(-1), columns, levels, references)


def fit_logistic(outcome: BoolArray, matrix: ModelMatrix, domain: IntArray, design: Design) -> LogisticFit | str:
    """Fit `outcome` (one per row of `domain`, as in `matrix`), or say why that cannot be done.

    Weighted maximum likelihood by iterated least squares over the patterns of the matrix; covariance by the linearised
    sandwich; degrees of freedom are those of the domain less the number of slopes (Binder 1983; as R's svyglm).
    """
    weight = design.weight[domain] / design.weight[domain].mean()
    patterns, terms = matrix.patterns, matrix.patterns.shape[1]
    degrees = design.degrees_of_freedom(domain) + 1 - terms
    if degrees < 1:
        return "no degrees of freedom are left"
    if np.linalg.matrix_rank(patterns) < terms:
        return "two dimensions say the same"
    total = np.bincount(matrix.pattern_of, weights=weight, minlength=len(patterns))
    hits = np.bincount(matrix.pattern_of, weights=weight * outcome, minlength=len(patterns))
    coefficients = np.zeros(terms)
    for _ in range(MOST_STEPS):
        fitted = expit(patterns @ coefficients)
        information = patterns.T @ (patterns * (total * fitted * (1 - fitted))[:, None])
        try:
            step = np.linalg.solve(information, patterns.T @ (hits - total * fitted))
        except np.linalg.LinAlgError:
            return ALWAYS_OR_NEVER
        coefficients = coefficients + step
        if np.abs(coefficients).max() > SEPARATED:
            return ALWAYS_OR_NEVER
        if np.abs(step).max() < CONVERGED:
            break
    else:
        return "the fit did not settle"
    fitted = expit(patterns @ coefficients)
    bread = np.linalg.inv(patterns.T @ (patterns * (total * fitted * (1 - fitted))[:, None]))
    scores = patterns[matrix.pattern_of] * (weight * (outcome - fitted[matrix.pattern_of]))[:, None]
    return LogisticFit(coefficients, bread @ design.covariance(scores, domain) @ bread, degrees)
