"""How sure the explained shares of a panel regression are: a bootstrap over whole units.

The shares themselves come from `relative_importance`; standard errors of coefficients from `panel_inference`.
"""

import numpy as np
import numpy.typing as npt

from pipeline.analysis.panel_inference import WithinRegression
from pipeline.analysis.panel_projection import TwoWay, sum_by_time
from pipeline.analysis.relative_importance import decompose_moments

FloatArray = npt.NDArray[np.float64]


def bootstrap_shares(fit: WithinRegression, *, draws: int, seed: int, confidence: float) -> FloatArray:
    """Percentile limits (2, k) of each term's share of the within R2; units are drawn with replacement.

    Each draw has its own time effects and counts a unit drawn twice as two. Draws in which a term does not vary are
    left out; NaN if that leaves none. Raises ValueError unless draws >= 1 and 0 < confidence < 1.
    """
    if draws < 1 or not 0 < confidence < 1:
        raise ValueError(f"a bootstrap needs draws >= 1 and 0 < confidence < 1, got {draws} and {confidence}")
    units = fit.effects.unit_count
    generator = np.random.default_rng(seed)
    # Two-way demeaned data are unit-demeaned, which is all that a refit of the time effects starts from.
    data = np.column_stack([fit.x, fit.y])
    data = data / np.linalg.norm(data, axis=0)
    cells = fit.effects.cell_counts.toarray()
    shares = []
    for _ in range(draws):
        copies = np.bincount(generator.integers(0, units, size=units), minlength=units).astype(np.float64)
        moments = _reweighted_moments(fit.effects, data, cells, copies)
        # Columns have norm 1 in the sample; what is left of a term that no longer varies is rounding.
        if (np.diag(moments) > 1e-12).all():
            shares.append(decompose_moments(moments[:-1, :-1], moments[:-1, -1], float(moments[-1, -1])).lmg_share)
    if not shares:
        return np.full((2, fit.x.shape[1]), np.nan)
    return np.quantile(np.array(shares), [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)


def _reweighted_moments(effects: TwoWay, data: FloatArray, cells: FloatArray, copies: FloatArray) -> FloatArray:
    """Cross products (k+1, k+1) of unit-demeaned data after time effects, each unit counted `copies` (G,) times."""
    weighted = data * copies[effects.unit_codes][:, None]
    with_times = sum_by_time(effects, weighted)
    laplacian = np.diag(copies @ cells) - cells.T @ (cells * (copies / effects.unit_sizes)[:, None])
    return data.T @ weighted - with_times.T @ np.linalg.pinv(laplacian, hermitian=True, rcond=1e-12) @ with_times
