"""Raking: weights that meet known margins, and standard errors that know it.

What the margins are, and whether they are any good, is the survey owner's matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.design import Design
from pipeline.analysis.survey.respondent_columns import (
    FloatArray,
    IntArray,
    read_categories,
    read_column,
    read_numbers,
)

TOLERANCE = 1e-10
MOST_SWEEPS = 5000
THIN_LEVEL_BELOW = 20
SAME_TOTAL = 1e-9


@dataclass(frozen=True)
class Raking:
    """Raked weights (row order of the input) and what they cost.

    `kish_design_effect` is n sum(w2) / sum(w)2: how many times larger the sample would have to be for the weights to
    cost nothing. `thin_levels` are margin levels with fewer than 20 respondents, better collapsed with a neighbour.
    """

    weights: FloatArray
    kish_design_effect: float
    largest_by_smallest: float
    trimmed_count: int
    thin_levels: tuple[str, ...]
    margins: tuple[IntArray, ...]

    def apply(self, design: Design) -> Design:
        """The design with raked weights; variances count the raking. Raises ValueError for another sample."""
        if len(design.weight) != len(self.weights):
            raise ValueError(
                f"the raking is of {len(self.weights):,} respondents, the table has {len(design.weight):,}"
            )
        return design.with_margins(self.weights, self.margins)


def rake(
    table: pa.Table,
    *,
    margins: Mapping[str, Mapping[str, float]],
    weight: str | None = None,
    trim_at: float | None = 5.0,
) -> Raking:
    """Weights under which the sample has the given margins, to 1e-10.

    `margins` gives for each column its levels and their population totals, or their shares if every margin adds up to
    one (the weights then keep their sum). Weights above `trim_at` times the median are cut to it and raked once more;
    None never trims. Give the result to `segment_shares(..., raking=...)`: taking raked weights as if they were
    given, standard errors come out wrong.
    Raises ValueError for margins with unequal totals, levels that the sample lacks or the margins lack, respondents
    without a level, and margins that no weights can meet.
    Sources: Deming and Stephan 1940; Kish 1965.
    """
    start = read_numbers(table, weight, "weight") if weight else np.ones(table.num_rows)
    if not margins or not start.sum() > 0:
        raise ValueError("raking needs margins and respondents with a weight")
    totals = _read_totals(margins, float(start.sum()))
    levels = {name: _read_levels(table, name, totals[name], start > 0) for name in totals}
    raked = _fit(start, levels, totals)
    trimmed = 0
    if trim_at is not None:
        limit = trim_at * float(np.median(raked[raked > 0]))
        trimmed = int((raked > limit).sum())
        raked = _fit(np.minimum(raked, limit), levels, totals) if trimmed else raked
    used = raked[raked > 0]
    thin = [
        f"{name}: {level} ({int(count)} respondents)"
        for name, codes in levels.items()
        for level, count in zip(totals[name], np.bincount(codes[start > 0], minlength=len(totals[name])), strict=True)
        if count < THIN_LEVEL_BELOW
    ]
    return Raking(
        raked, kish_design_effect(used), float(used.max() / used.min()), trimmed, tuple(thin), tuple(levels.values())
    )


def kish_design_effect(weight: FloatArray) -> float:
    """n sum(w2) / sum(w)2 of weights above zero; 1 where all are equal."""
    return float(len(weight) * (weight**2).sum() / weight.sum() ** 2)


def _read_totals(margins: Mapping[str, Mapping[str, float]], weight_sum: float) -> dict[str, dict[str, float]]:
    sums = {name: float(sum(levels.values())) for name, levels in margins.items()}
    largest = max(sums.values())
    bad = [name for name, levels in margins.items() if not all(0 < total < np.inf for total in levels.values())]
    if bad:
        raise ValueError(
            f"the margin {bad[0]!r} has a level without a positive total; leave such a level out of the sample"
        )
    if largest - min(sums.values()) > SAME_TOTAL * largest:
        shown = ", ".join(f"{name} {total:.10g}" for name, total in sums.items())
        raise ValueError(f"the margins have unequal totals ({shown}); no weights can meet them all")
    # What rounding leaves between the totals must not keep the fitting from its end.
    meant = weight_sum if abs(largest - 1) <= SAME_TOTAL else largest
    return {
        name: {str(level): total * meant / sums[name] for level, total in levels.items()}
        for name, levels in margins.items()
    }


def _read_levels(table: pa.Table, name: str, totals: Mapping[str, float], used: np.ndarray) -> IntArray:
    """Number of each respondent's level, in the order of the totals."""
    codes, labels = read_categories(read_column(table, name))
    missing = int((codes[used] < 0).sum())
    if missing:
        raise ValueError(f"{missing:,} respondents have no {name!r}; raking needs a level for everybody")
    unknown = sorted({labels[code] for code in np.unique(codes[used])} - set(totals))
    absent = sorted(set(totals) - {labels[code] for code in np.unique(codes[used])})
    if unknown:
        raise ValueError(f"the margin {name!r} has no total for {', '.join(unknown)}")
    if absent:
        raise ValueError(f"nobody in the sample has {name!r} = {', '.join(absent)}; collapse the level with another")
    order = {level: number for number, level in enumerate(totals)}
    lookup = np.array([*(order.get(label, 0) for label in labels), 0], dtype=np.int64)
    return np.asarray(lookup[codes], dtype=np.int64)


def _fit(start: FloatArray, levels: Mapping[str, IntArray], totals: Mapping[str, Mapping[str, float]]) -> FloatArray:
    """Proportional fitting: each margin in turn scales its levels to their totals, until all margins hold at once."""
    wanted = {name: np.array(list(totals[name].values())) for name in levels}
    weights = start
    for _ in range(MOST_SWEEPS):
        for name, codes in levels.items():
            weights = weights * (wanted[name] / np.bincount(codes, weights, len(wanted[name])))[codes]
        sums = {name: np.bincount(codes, weights, len(wanted[name])) for name, codes in levels.items()}
        apart = {name: np.abs(sums[name] / wanted[name] - 1) for name in levels}
        worst = max(apart, key=lambda name: float(apart[name].max()))
        if apart[worst].max() <= TOLERANCE:
            return weights
    place = int(apart[worst].argmax())
    raise ValueError(
        f"no weights meet these margins: after {MOST_SWEEPS:,} rounds {worst!r} = {list(totals[worst])[place]} has "
        f"{sums[worst][place]:.6g} instead of {wanted[worst][place]:.6g}. Levels that never occur together leave too "
        "little room: collapse one with a neighbour"
    )
