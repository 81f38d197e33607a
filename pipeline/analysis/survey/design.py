"""How respondents came into the sample, and the variance that follows from it (Taylor linearisation).

Weights, strata, clusters and finite populations, stage by stage where these are given for later stages; otherwise with
replacement beyond the first. What is estimated, and in which domain, is the callers' matter: they bring the linearised
scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from pipeline.analysis.survey.respondent_columns import (
    FloatArray,
    IntArray,
    read_categories,
    read_column,
    read_numbers,
)

Columns = str | Sequence[str] | None
SWEEPS = 200
SWEEP_TOLERANCE = 1e-14


@dataclass(frozen=True)
class Stage:
    """Draws within the units of the stage before: `unit` per respondent, `group` (the unit drawn from) per unit
    and, per group, the number of units, the share left undrawn and the share that earlier stages drew."""

    unit: IntArray
    group: IntArray
    size: FloatArray
    left: FloatArray
    drawn: FloatArray

    def covariance(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        """What this stage adds to the covariance matrix of totals (Sarndal, Swensson and Wretman 1992, section 4.3)."""
        units, position = np.unique(self.unit[rows], return_inverse=True)
        totals, groups = _sum_by(position, scores, len(units)), self.group[units]
        scale, centre = _factors(self.size, self.left)
        scale = scale * self.drawn
        sums = _sum_by(groups, totals, len(self.size))
        cross = totals.T @ (totals * scale[groups][:, None])
        return np.asarray(cross - sums.T @ (sums * (scale * centre)[:, None]), dtype=np.float64)


@dataclass(frozen=True)
class Design:
    """A sample design: one entry per respondent in `weight` and `psu`, one per stratum in the `stratum_` arrays.

    `later` are the stages after the first where populations are given. `margins` are the level codes of each raking
    margin; with them, scores lose what the margins already fix.
    """

    weight: FloatArray
    psu: IntArray
    psu_stratum: IntArray
    stratum_size: FloatArray
    stratum_left: FloatArray
    is_clustered: bool
    margins: tuple[IntArray, ...] = ()
    later: tuple[Stage, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True if respondents are drawn one by one and weights are taken as given."""
        return not self.is_clustered and not self.margins

    def with_margins(self, weight: FloatArray, margins: tuple[IntArray, ...]) -> "Design":
        """The same sample with raked weights."""
        return replace(self, weight=weight, margins=margins)

    def degrees_of_freedom(self, rows: IntArray) -> int:
        """Clusters minus strata among the rows (each once) of positive weight."""
        used = rows[self.weight[rows] > 0]
        if not self.is_clustered and len(self.stratum_size) == 1:
            return len(used) - bool(len(used))
        clusters = np.unique(self.psu[used])
        return len(clusters) - len(np.unique(self.psu_stratum[clusters]))

    def variances(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        """Variance of the total of each column of `scores` (rows x k, weights included; zero outside `rows`)."""
        totals, strata = self._totals(scores, rows)
        scale, centre = self.factors()
        sums = _sum_by(strata, totals, len(scale))
        squares = _sum_by(strata, totals * totals, len(scale))
        variance = scale @ squares - (scale * centre) @ (sums * sums)
        if self.later:
            variance = variance + np.diag(self._later_covariance(scores, rows))
        return np.asarray(np.maximum(variance, 0.0), dtype=np.float64)

    def covariance(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        """Covariance matrix of the totals of the columns of `scores`, as in `variances`."""
        totals, strata = self._totals(scores, rows)
        scale, centre = self.factors()
        sums = _sum_by(strata, totals, len(scale))
        cross = totals.T @ (totals * scale[strata][:, None])
        first = cross - sums.T @ (sums * (scale * centre)[:, None])
        return np.asarray(first + self._later_covariance(scores, rows) if self.later else first, dtype=np.float64)

    def factors(self) -> tuple[FloatArray, FloatArray]:
        """(1-f) n/(n-1) and 1/n per stratum; a stratum with a single cluster is centred at the whole sample's mean
        score, which is zero, so that it adds to the variance instead of hiding (R's "adjust")."""
        return _factors(self.stratum_size, self.stratum_left)

    def _later_covariance(self, scores: FloatArray, rows: IntArray) -> FloatArray:
        scores, rows = self._without_margins(scores, rows)
        each = [stage.covariance(scores, rows) for stage in self.later]
        return np.asarray(np.sum(each, axis=0), dtype=np.float64)

    def _without_margins(self, scores: FloatArray, rows: IntArray) -> tuple[FloatArray, IntArray]:
        if not self.margins:
            return scores, rows
        everyone = np.zeros((len(self.weight), scores.shape[1]))
        everyone[rows] = scores
        return self._residuals(everyone), np.arange(len(self.weight))

    def _totals(self, scores: FloatArray, rows: IntArray) -> tuple[FloatArray, IntArray]:
        scores, rows = self._without_margins(scores, rows)
        if not self.is_clustered:
            return scores, self.psu_stratum[self.psu[rows]]
        clusters, position = np.unique(self.psu[rows], return_inverse=True)
        return _sum_by(position, scores, len(clusters)), self.psu_stratum[clusters]

    def _residuals(self, scores: FloatArray) -> FloatArray:
        """Scores without their projection on the raking margins (Deville and Sarndal 1993: raked estimates vary like
        the residuals). Sweeps over the margins in turn until nothing moves; unweighted means of score per weight, as
        R's survey package has it."""
        used = self.weight > 0
        values = np.zeros_like(scores)
        values[used] = scores[used] / self.weight[used][:, None]
        size = [np.bincount(codes[used], minlength=codes.max() + 1) for codes in self.margins]
        for _ in range(SWEEPS):
            moved = 0.0
            for codes, count in zip(self.margins, size, strict=True):
                means = _sum_by(codes[used], values[used], len(count)) / np.maximum(count, 1)[:, None]
                values[used] -= means[codes[used]]
                moved = max(moved, float(np.abs(means).max(initial=0.0)))
            if moved <= SWEEP_TOLERANCE * float(np.abs(values).max(initial=0.0)) or not len(self.margins) > 1:
                break
        return np.asarray(values * self.weight[:, None], dtype=np.float64)


def read_design(
    table: pa.Table,
    *,
    weight: str | None = None,
    strata: str | None = None,
    cluster: Columns = None,
    fpc: Columns = None,
) -> Design:
    """The design that columns of a respondent-level table describe.

    `cluster` numbers first-stage units within their stratum; several columns are the stages in turn, each numbered
    within the one before. `fpc` is, per stratum, the number of units in the population, or the share sampled if it is
    at most 1; a second column says the same of each first-stage unit, and so on. With one more `fpc` than clusters,
    respondents are the last stage. Without `weight` everybody counts the same, or, with population numbers in `fpc`,
    population by sample, over all stages.
    Raises ValueError for missing or negative weights, a missing stratum or cluster, more populations than stages, and
    an `fpc` that varies within what it was drawn from or is smaller than the sample.
    """
    n = table.num_rows
    clusters, populations = _names(cluster), _names(fpc)
    if len(populations) > len(clusters) + 1:
        raise ValueError(f"{len(populations)} columns of fpc for {len(clusters)} stages of clusters: at most one more")
    stratum = _codes(table, strata) if strata else np.zeros(n, dtype=np.int64)
    people = np.arange(n, dtype=np.int64)
    units = [_codes(table, name) for name in clusters]
    if clusters and len(populations) > len(units):
        units.append(people)
    group_of, unit_of = (stratum, people) if not units else _within(stratum, units[0])
    size = np.bincount(group_of, minlength=int(stratum.max(initial=0)) + 1).astype(np.float64)
    left, population = _finite(table, populations[0] if populations else None, stratum, size, "stratum")
    psu, psu_stratum, psu_size, psu_left = unit_of, group_of, size, left
    raised = np.ones(n) if population is None else (population / np.maximum(size, 1))[stratum]
    later: list[Stage] = []
    drawn = (1 - left)[psu_stratum]
    for number, codes in enumerate(units[1:], start=1) if populations else ():
        parent = unit_of
        group_of, unit_of = _within(parent, codes)
        size = np.bincount(group_of, minlength=int(parent.max(initial=0)) + 1).astype(np.float64)
        name = populations[number] if number < len(populations) else None
        left, population = _finite(table, name, parent, size, f"unit of {clusters[number - 1]!r}")
        later.append(Stage(unit_of, group_of, size, left, drawn))
        raised = raised * (1.0 if population is None else (population / np.maximum(size, 1))[parent])
        drawn = (drawn * (1 - left))[group_of]
    weights = read_numbers(table, weight, "weight") if weight is not None else raised
    return Design(weights, psu, psu_stratum, psu_size, psu_left, bool(clusters), later=tuple(later))


def plain_design(weight: FloatArray) -> Design:
    """Respondents drawn one by one, with these weights."""
    n = len(weight)
    return Design(weight, np.arange(n), np.zeros(n, dtype=np.int64), np.array([float(n)]), np.ones(1), False)


def _factors(size: FloatArray, left: FloatArray) -> tuple[FloatArray, FloatArray]:
    several = size > 1
    number = np.where(several, size, 2.0)
    return left * np.where(several, number / (number - 1), 1.0), np.where(several, 1 / number, 0.0)


def _names(columns: Columns) -> list[str]:
    return [] if columns is None else [columns] if isinstance(columns, str) else list(columns)


def _within(group: IntArray, codes: IntArray) -> tuple[IntArray, IntArray]:
    """Units numbered within their group: the group of every unit, and the unit of every respondent."""
    pairs, unit = np.unique(np.column_stack([group, codes]), axis=0, return_inverse=True)
    return pairs[:, 0], unit.reshape(-1)


def _codes(table: pa.Table, name: str) -> IntArray:
    codes, _ = read_categories(read_column(table, name))
    missing = int((codes < 0).sum())
    if missing:
        raise ValueError(f"{missing:,} rows of {name!r} are empty; every respondent of a designed sample has one")
    return codes


def _finite(
    table: pa.Table, fpc: str | None, stratum: IntArray, size: FloatArray, drawn_from: str
) -> tuple[FloatArray, FloatArray | None]:
    """Share of the population of each stratum (or unit of an earlier stage) that was not drawn, and the
    population's size if that is what `fpc` says."""
    if fpc is None:
        return np.ones(len(size)), None
    values = read_numbers(table, fpc, "population size or sampling fraction")
    given = np.ones(len(size))
    given[stratum] = values
    if not np.array_equal(given[stratum], values):
        raise ValueError(f"{fpc!r} varies within a {drawn_from}; it is its population, in the units drawn from it")
    if (values <= 1).all():
        return np.where(size > 0, 1 - given, 1.0), None
    if (given < size).any():
        raise ValueError(f"{fpc!r} says that the population of a {drawn_from} is smaller than its sample")
    return 1 - size / given, given


def _sum_by(groups: IntArray, values: FloatArray, group_count: int) -> FloatArray:
    """Sums of the rows of `values` (rows x k) by group."""
    if group_count == 1:
        return np.asarray(values.sum(axis=0, keepdims=True), dtype=np.float64)
    rows = len(groups)
    which = csr_array((np.ones(rows), (groups, np.arange(rows))), shape=(group_count, rows))
    return np.asarray(which @ values, dtype=np.float64)
