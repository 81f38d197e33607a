"""Which estimates may be shown: too few people, too uncertain, or computable from what is shown.

A cell is primarily hidden by size or by the presentation standards for proportions of the US National Center for Health
Statistics (2017). Others are hidden with it until no linear combination of shown cells and known totals gives it away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsmr

from pipeline.analysis.survey.columns import BoolArray, IntArray

Relation = tuple[Sequence[int], Sequence[float]]
EXPOSED_BELOW = 1e-7
PROBES = 2


@dataclass(frozen=True)
class Limits:
    """What is too little: respondents of a base, respondents of a cell, and widths of an interval."""

    base_from: int
    cell_from: int
    width_below: float
    width_always: float
    width_per_share: float
    degrees_from: int

    @classmethod
    def from_thresholds(cls, thresholds: Mapping[str, float]) -> "Limits":
        """The limits from the seed `thresholds`, by name. Raises KeyError where one is missing."""
        return cls(
            int(thresholds["survey_base_from"]),
            int(thresholds["survey_cell_from"]),
            thresholds["survey_width_below"],
            thresholds["survey_width_always"],
            thresholds["survey_width_per_share"],
            int(thresholds["survey_degrees_from"]),
        )


def primary_reason(
    limits: Limits,
    *,
    count: int,
    base: int,
    share: float,
    effective: float | None,
    low: float | None,
    high: float | None,
) -> str | None:
    """Why a share must not be shown by itself, or None: small_base, small_cell or unreliable."""
    if base < limits.base_from:
        return "small_base"
    if 0 < count < limits.cell_from:
        return "small_cell"
    if low is None or high is None or (effective is not None and effective < limits.base_from):
        return "unreliable"
    width = high - low
    relative = share > 0 and width > limits.width_per_share * share
    return "unreliable" if width >= limits.width_below or (width > limits.width_always and relative) else None


def protect(primary: BoolArray, cost: Sequence[tuple[float, float]], relations: Sequence[Relation]) -> BoolArray:
    """Cells to hide: the primary ones, and the cheapest others without which a primary one could be computed.

    A relation is (cells, their factors): a weighted sum of cells that a reader knows, such as a total minus its parts.
    `cost` is what hiding a cell loses: its rank, and its size within the rank. Where all cells of a relation are hidden
    nothing more can be done.
    """
    matrix = _matrix(relations, len(primary))
    members = [np.array(cells, dtype=np.int64) for cells, _ in relations]
    of_cell: dict[int, list[int]] = {}
    for number, cells in enumerate(members):
        for cell in cells:
            of_cell.setdefault(int(cell), []).append(number)
    hidden = primary.copy()
    _close(hidden, members, of_cell, cost, range(len(members)))
    while True:
        touched: set[int] = set()
        for cell in exposed_cells(matrix, hidden):
            mine = of_cell.get(int(cell), [])
            shown = {int(other) for number in mine for other in members[number] if not hidden[other]}
            # One more hidden cell often frees its neighbours too: they are looked at again in the next round.
            if shown and touched.isdisjoint(mine):
                cheapest = _cheapest(shown, hidden, members, of_cell, cost)
                hidden[cheapest] = True
                touched.update(of_cell[cheapest])
                _close(hidden, members, of_cell, cost, of_cell[cheapest])
        if not touched:
            return hidden


def exposed_cells(relations: csr_array, hidden: BoolArray) -> IntArray:
    """Hidden cells that follow from the shown ones: those at which every solution of the relations is the same.

    A random vector is projected on the solutions of the homogeneous system; where it vanishes, nothing is free.
    """
    cells = np.flatnonzero(hidden)
    if not len(cells) or relations.shape[0] == 0:
        return np.array([], dtype=np.int64)
    system = relations[:, cells].T.tocsr()
    rng = np.random.default_rng(20091102)
    free = np.zeros(len(cells), dtype=np.bool_)
    for _ in range(PROBES):
        probe = rng.normal(size=len(cells))
        solution = lsmr(system, probe, atol=1e-14, btol=1e-14, conlim=0, maxiter=20 * sum(system.shape))[0]
        free |= np.abs(probe - system @ solution) > EXPOSED_BELOW
    return cells[~free]


def _close(
    hidden: BoolArray,
    members: list[IntArray],
    of_cell: dict[int, list[int]],
    cost: Sequence[tuple[float, float]],
    start: Iterable[int],
) -> None:
    """Hide a second cell in every relation that has exactly one hidden, and go on where that opens another."""
    waiting = list(start)
    while waiting:
        cells = members[waiting.pop(0)]
        if hidden[cells].sum() != 1 or len(cells) < 2:
            continue
        shown = cells[~hidden[cells]]
        cheapest = _cheapest(shown.tolist(), hidden, members, of_cell, cost)
        hidden[cheapest] = True
        waiting += of_cell[cheapest]


def _cheapest(
    shown: Iterable[int],
    hidden: BoolArray,
    members: list[IntArray],
    of_cell: dict[int, list[int]],
    cost: Sequence[tuple[float, float]],
) -> int:
    """The cell to hide: of the lowest rank, then the one that leaves the fewest relations with a single hidden cell."""

    def loss(cell: int) -> tuple[float, int, float, int]:
        opened = sum(not hidden[members[number]].any() for number in of_cell[cell])
        return cost[cell][0], opened, cost[cell][1], cell

    return min(shown, key=loss)


def _matrix(relations: Sequence[Relation], cell_count: int) -> csr_array:
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for number, (cells, factors) in enumerate(relations):
        rows += [number] * len(cells)
        columns += cells
        values += factors
    return csr_array((values, (rows, columns)), shape=(len(relations), cell_count))
