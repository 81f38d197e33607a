"""Panel regression with unit and time effects and inference that is honest about few clusters.

The public face: `fit_panel` and what it returns. Its steps are in `data` (rows), `projection` (effects),
`inference` (covariances), `bootstrap` (wild p-values), `estimates` (which figures are given) and
`shares` (bootstrap of shares). Which variables enter, and what they are called, is decided by the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from pipeline.analysis.panel.data import InsufficientDataError, read_blocks
from pipeline.analysis.panel.estimates import Estimate, Inference, Status, estimate_sum, prepare_inference
from pipeline.analysis.panel.inference import regress_within
from pipeline.analysis.panel.shares import bootstrap_shares
from pipeline.analysis.relative_importance import RelativeImportance, decompose_moments, lmg_shares

# Terms of each group by its name.
Groups = Mapping[str, Sequence[str]]

__all__ = ["Estimate", "Groups", "InsufficientDataError", "PanelFit", "fit_panel"]


@dataclass(frozen=True)
class PanelFit:
    """A fitted panel regression. Every row of the table is counted in `n_obs` or in `n_dropped`."""

    estimates: Mapping[str, Estimate]  # in the order of the regressors
    within_r2: float
    n_obs: int
    n_units: int
    n_times: int
    n_incomplete: int  # rows with a null or NaN in a used column
    n_singletons: int  # rows of units or times that are seen only once
    status: Status
    status_reason: str
    inference: Inference = field(repr=False)

    @property
    def n_dropped(self) -> int:
        """Rows of the table that the fit does not use."""
        return self.n_incomplete + self.n_singletons

    def with_inference(self, inference: Inference) -> "PanelFit":
        """The same fit with other errors, limits and p-values."""
        return replace(self, estimates=_estimate_terms(inference, list(self.estimates)), inference=inference)

    def contrast(self, weights: Mapping[str, float]) -> Estimate:
        """The weighted sum of coefficients, tested against 0 with the full covariance.

        Multiply each weight by the term's `within_sd` to compare typical swings. Raises ValueError for an unknown term
        and for weights that are infinite or all 0.
        """
        unknown = sorted(set(weights) - set(self.estimates))
        if unknown:
            raise ValueError(f"no term {unknown[0]!r} in the model; its terms are {', '.join(self.estimates)}")
        vector = np.array([float(weights.get(term, 0.0)) for term in self.estimates])
        if not (np.isfinite(vector).all() and vector.any()):
            raise ValueError("a contrast needs finite weights, at least one of them not 0")
        label = " ".join(f"{weights[term]:+.6g}*{term}" for term in self.estimates if weights.get(term))
        return estimate_sum(self.inference, label, vector, within_sd=None)

    def explained_shares(self) -> dict[str, float]:
        """Share of the within R2 that each term explains, averaged over all orders of entry (LMG); sums to 1."""
        return dict(zip(self.estimates, map(float, self._decompose().lmg_share), strict=True))

    def explained_r2(self) -> dict[str, float]:
        """The same split in units of R2; sums to `within_r2`."""
        return dict(zip(self.estimates, map(float, self._decompose().lmg), strict=True))

    def explained_share_intervals(
        self, *, draws: int = 999, confidence: float = 0.95, groups: Groups | None = None
    ) -> dict[str, tuple[float, float]]:
        """Percentile limits of `explained_shares`: whole units are drawn again, with the seed of the fit."""
        regression, seed = self.inference.regression, self.inference.seed
        numbers = self._number(groups) if groups else None
        limits = bootstrap_shares(regression, draws=draws, seed=seed, confidence=confidence, groups=numbers)
        names = groups or self.estimates
        return {name: (float(low), float(high)) for name, low, high in zip(names, *limits, strict=True)}

    def explained_group_shares(self, groups: Groups) -> dict[str, float]:
        """`explained_shares` of groups of terms that enter together; every term belongs to one group."""
        shares = lmg_shares(self.inference.regression.products[None], self._number(groups))[0]
        return dict(zip(groups, map(float, shares), strict=True))

    def _number(self, groups: Groups) -> list[list[int]]:
        terms = list(self.estimates)
        return [[terms.index(term) for term in members] for members in groups.values()]

    def _decompose(self) -> RelativeImportance:
        products = self.inference.regression.products
        return decompose_moments(products[:-1, :-1], products[:-1, -1], float(products[-1, -1]))


def fit_panel(
    table: pa.Table | Iterable[pa.Table],
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str,
    time: str,
    wild_draws: int = 9999,
    seed: int = 0,
    jackknife: bool = True,
) -> PanelFit:
    """Least squares of `outcome` on `regressors` with effects of `unit` and `time`, errors clustered by unit.

    `unit` and `time` may be text, numbers or dates; several rows per unit and time are allowed. A panel too long for
    memory comes as tables of whole units in ascending order of their labels, each of which is read once: what is kept
    grows with units, times and terms, the rows lie in a temporary file. Rows with a null or NaN in a used column and,
    repeatedly, units and times with one row are dropped and counted. Which test counts: from 50 units on, none of them
    holding a tenth of the leverage, CRV1; from 10 units on CRV3, to be shown with the wild p; below 10 no t test
    (status `insufficient_data`). `wild_draws` = 0 leaves the wild bootstrap out, which keeps units x times in memory;
    `jackknife` = False leaves CRV3 out where CRV1 counts, which is most of the time on thousands of units. The result
    depends on the rows and on `seed`, not on their order, the process or, beyond rounding, where tables are cut.
    Raises ValueError for missing or non-numeric columns, infinite values and, by name, terms that are collinear or do
    not vary within units and times; InsufficientDataError (a ValueError) if too few rows are left to fit anything.
    Sources: Cameron and Miller 2015; MacKinnon, Nielsen and Webb 2023; Roodman et al. 2019.
    """
    terms = list(regressors)
    sample = read_blocks(table, outcome=outcome, regressors=terms, unit=unit, time=time)
    regression = regress_within(sample, outcome=outcome, terms=terms)
    inference = prepare_inference(regression, wild_draws=wild_draws, seed=seed, jackknife=jackknife)
    return PanelFit(
        estimates=_estimate_terms(inference, terms),
        within_r2=1 - regression.by_unit.residual_square / float(regression.products[-1, -1]),
        n_obs=regression.row_count,
        n_units=regression.unit_count,
        n_times=sample.time_count,
        n_incomplete=sample.incomplete_count,
        n_singletons=sample.singleton_count,
        status=inference.status,
        status_reason=inference.status_reason,
        inference=inference,
    )


def _estimate_terms(inference: Inference, terms: Sequence[str]) -> dict[str, Estimate]:
    regression = inference.regression
    within_sds = np.sqrt(np.diag(regression.products)[:-1] / (regression.row_count - 1))
    return {
        term: estimate_sum(inference, term, weights, within_sd=float(within_sd))
        for term, weights, within_sd in zip(terms, np.eye(len(terms)), within_sds, strict=True)
    }
