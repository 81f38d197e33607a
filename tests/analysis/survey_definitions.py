"""The survey estimates again, by their textbook definitions and slowly: what the tests compare with."""

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]


def variance_of_total(scores: Array, strata: Array, clusters: Array, population: dict[int, float] | None) -> float:
    """Taylor variance of a total of linearised scores over the whole sample, cluster by cluster."""
    variance = 0.0
    for stratum in np.unique(strata):
        here = strata == stratum
        units = np.unique(clusters[here])
        totals = np.array([scores[here & (clusters == unit)].sum() for unit in units])
        left = 1 - len(units) / population[int(stratum)] if population else 1.0
        if len(units) == 1:
            variance += left * float(totals[0] ** 2)
        else:
            variance += left * len(units) * float(totals.var(ddof=1))
    return variance


def domain_share(
    chosen: Array, domain: Array, weight: Array, strata: Array, clusters: Array, population: dict[int, float] | None
) -> tuple[float, float, int]:
    """(share, standard error, degrees of freedom) of 0/1 answers in a domain (boolean mask)."""
    inside = np.where(domain, weight, 0.0)
    share = float((inside * chosen).sum() / inside.sum())
    scores = inside * (chosen - share) / inside.sum()
    used = inside > 0
    pairs = {(s, c) for s, c in zip(strata[used], clusters[used], strict=True)}
    degrees = len(pairs) - len({s for s, _ in pairs})
    return share, float(np.sqrt(variance_of_total(scores, strata, clusters, population))), degrees


def korn_graubard(share: float, error: float, n: int, degrees: int) -> tuple[float, float]:
    """Limits at n* = min(n, p(1-p)/se2 (t(n-1)/t(df))2), by the beta distribution."""
    cases = float(n)
    if error > 0:
        cases = min(
            cases, share * (1 - share) / error**2 * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, degrees)) ** 2
        )
    hits = cases * share
    low = 0.0 if share == 0 else float(stats.beta.ppf(0.025, hits, cases - hits + 1))
    return low, 1.0 if share == 1 else float(stats.beta.ppf(0.975, hits + 1, cases - hits))


def rao_scott(
    rows: Array, columns: Array, weight: Array, strata: Array, clusters: Array
) -> tuple[float, float, float, float]:
    """(F, df_num, df_den, p) of the second-order test, with explicit covariance of the cells (Thomas and Rao 1987)."""
    cells = [(r, c) for r in np.unique(rows) for c in np.unique(columns)]
    total = weight.sum()
    indicators = np.column_stack([(rows == r) & (columns == c) for r, c in cells]).astype(float)
    shares = (weight[:, None] * indicators).sum(axis=0) / total
    scores = weight[:, None] * (indicators - shares) / total
    covariance = np.zeros((len(cells), len(cells)))
    for stratum in np.unique(strata):
        here = strata == stratum
        units = np.unique(clusters[here])
        totals = np.array([scores[here & (clusters == unit)].sum(axis=0) for unit in units])
        centred = totals - totals.mean(axis=0)
        covariance += len(units) / (len(units) - 1) * centred.T @ centred
    row_count, column_count = len(np.unique(rows)), len(np.unique(columns))
    row_part, column_part = np.eye(row_count)[:, 1:], np.eye(column_count)[:, 1:]
    ones_r, ones_c = np.ones((row_count, 1)), np.ones((column_count, 1))
    main = np.hstack([np.kron(ones_r, ones_c), np.kron(row_part, ones_c), np.kron(ones_r, column_part)])
    interaction = np.kron(row_part, column_part)
    contrast = interaction - main @ np.linalg.lstsq(main, interaction, rcond=None)[0]
    inverse = np.diag(1 / shares)
    effects = np.linalg.solve(
        contrast.T @ inverse @ contrast / len(rows), contrast.T @ inverse @ covariance @ inverse @ contrast
    )
    table = shares.reshape(row_count, column_count)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    trace = float(np.trace(effects))
    statistic = len(rows) * float(((table - expected) ** 2 / expected).sum()) / trace
    df_num = trace**2 / float(np.trace(effects @ effects))
    pairs = {(s, c) for s, c in zip(strata, clusters, strict=True)}
    df_den = df_num * (len(pairs) - len(set(strata.tolist())))
    return statistic, df_num, df_den, float(stats.f.sf(statistic, df_num, df_den))
