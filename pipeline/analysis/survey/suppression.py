"""Which figures may be shown: none of fewer than five people, and none from which such a figure could be computed.

A figure of few people is hidden, and others with it until no linear combination of shown figures and known totals gives
it away. Whether a figure is precise enough to be relied on is another question: such figures are shown and marked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from pipeline.analysis.survey.exposure import Freedom, Part
from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray

Relation = tuple[Sequence[int], Sequence[float]]
Cost = tuple[float, float]
# Cells to show again if that turns out to be safe: from this rank on, and so many at most, as each needs a search.
WORTH_A_TRIAL, TRIALS = 3.0, 60


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

    def is_few(self, count: int) -> bool:
        """One to four people: they could be recognised."""
        return 0 < count < self.cell_from


def is_unreliable(
    limits: Limits, *, share: float, effective: float | None, low: float | None, high: float | None
) -> bool:
    """Whether a share is too uncertain to be relied on, by the presentation standards for proportions of the US
    National Center for Health Statistics (2017): a wide interval or a small effective sample."""
    if low is None or high is None or (effective is not None and effective < limits.base_from):
        return True
    width = high - low
    relative = share > 0 and width > limits.width_per_share * share
    return bool(width >= limits.width_below or (width > limits.width_always and relative))


@dataclass(frozen=True)
class Figures:
    """Counts that belong together: of whom (`bases`), which are of few people, and how they add up.

    A relation is (cells, their factors): a weighted sum of cells that a reader knows, such as a total minus its parts.
    `cost` is what hiding a cell loses: its rank, and its size within the rank. `counted` are the cells that are numbers
    of people; others (sums of positions) are figures of `bases` people.
    """

    counts: FloatArray
    bases: FloatArray
    few: BoolArray
    counted: BoolArray
    cost: Sequence[Cost]
    relations: Sequence[Relation]


def protect(figures: Figures, hidden: BoolArray, cell_from: int) -> BoolArray:
    """Cells to hide: `hidden`, and the cheapest others without which one of few people could be computed.

    Neither such a cell nor a sum of hidden cells of fewer than `cell_from` people follows from what is left. Hidden
    cells of more people may follow. Where all cells of a relation are hidden nothing more can be done.
    """
    search = _Search(figures, hidden.copy(), cell_from)
    for number in range(len(search.members)):
        search.close(number)
    while search.step():
        pass
    search.relax(hidden)
    return search.hidden


class _Search:
    def __init__(self, figures: Figures, hidden: BoolArray, cell_from: int) -> None:
        self.figures, self.hidden, self.cell_from = figures, hidden, cell_from
        self.guarded = figures.few & hidden
        self.members = [np.array(cells, dtype=np.int64) for cells, _ in figures.relations]
        self.of_cell: dict[int, list[int]] = {}
        for number, cells in enumerate(self.members):
            for cell in cells:
                self.of_cell.setdefault(int(cell), []).append(number)
        self.matrix = _matrix(figures.relations, len(hidden))
        # By relation, for sums over its cells: all, those counted with plus or minus one, and those not counted.
        self.pattern, self.units, self.uncounted = (self.matrix.copy() for _ in range(3))
        self.pattern.data = np.ones(self.matrix.nnz)
        self.units.data = np.where(abs(self.matrix.data) == 1, self.matrix.data, 0.0)
        self.uncounted.data = np.where(figures.counted[self.matrix.indices], 0.0, 1.0)
        self.sizes = np.diff(self.matrix.indptr)
        # The same answer of different people: a whole and its parts, and each of them a number of people.
        has_minus = np.array([min(factors, default=0.0) < 0 for _, factors in figures.relations], dtype=np.bool_)
        self.is_of_groups = has_minus & (self.uncounted.sum(axis=1) == 0)
        self.seen: dict[bytes, Part] = {}

    def step(self) -> bool:
        """Hide what the present state gives away; False if it gives nothing away."""
        known = self._freedom().known
        touched: set[int] = set()
        for cell in np.flatnonzero(known & self.figures.few & self.hidden):
            mine = self.of_cell.get(int(cell), [])
            # One more hidden cell often frees its neighbours too: they are looked at again in the next round.
            if touched.isdisjoint(mine):
                touched.update(self._hide_cheapest(self._reachable(mine)))
        if not touched:
            for number in self._small_sums(known):
                if number not in touched:
                    cells = self.members[number]
                    filled = cells[~self.hidden[cells] & (self.figures.counts[cells] > 0)]
                    # All others are hidden and can still be computed: what they are computed from must go.
                    around = [other for cell in cells for other in self.of_cell[int(cell)]]
                    touched.update(self._hide_cheapest(set(filled.tolist()) or self._reachable(around)))
        return bool(touched)

    def relax(self, primary: BoolArray) -> None:
        """Show again, the most valuable first, what later choices have made unnecessary to hide."""
        candidates = np.flatnonzero(self.hidden & ~primary).tolist()
        added = [at for at in candidates if self.figures.cost[at][0] >= WORTH_A_TRIAL]
        freedom = self._freedom()
        for cell in sorted(added, key=lambda at: self.figures.cost[at], reverse=True)[:TRIALS]:
            shown = self._settled(freedom.show([cell]))
            self.hidden[cell] = False
            if self._is_safe(shown.known):
                freedom = shown
            else:
                self.hidden[cell] = True

    def _is_safe(self, known: BoolArray) -> bool:
        return not (known & self.figures.few & self.hidden).any() and not self._small_sums(known)

    def close(self, start: int) -> None:
        """Hide a second cell in a relation whose only hidden cell is to be guarded, and where that opens another."""
        waiting = [start]
        while waiting:
            cells = self.members[waiting.pop()]
            inside = cells[self.hidden[cells]]
            if len(inside) == 1 and self.guarded[inside[0]] and len(cells) > 1:
                cheapest = self._cheapest(cells[~self.hidden[cells]].tolist())
                self.hidden[cheapest] = self.guarded[cheapest] = True
                waiting += self.of_cell[cheapest]

    def _freedom(self) -> Freedom:
        return self._settled(Freedom.of_hidden(self.matrix, self.hidden, self.seen))

    def _settled(self, freedom: Freedom) -> Freedom:
        """A reader can compute what is shown, linear combinations of it, and the cells of a sum of nothing."""
        while True:
            people, others = self._open_sums(freedom.known)
            empty = np.flatnonzero((people == 0) | (others == 0))
            if not len(empty):
                return freedom
            cells = np.concatenate([self.members[number] for number in empty])
            freedom = freedom.show(cells[~freedom.known[cells]].tolist())

    def _small_sums(self, known: BoolArray) -> list[int]:
        people, others = self._open_sums(known)
        is_small = ((people > 0) & (people < self.cell_from)) | ((others > 0) & (others < self.cell_from))
        return [int(number) for number in np.flatnonzero(is_small)]

    def _open_sums(self, known: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Of the unknown cells of each relation, where they give their sum: how many people, and how many of their
        bases are not in it (only where the cells are the same answer of different people; elsewhere infinitely many).
        Infinite, too, of a relation without any, and of all of them: their sum is the base."""
        figures, unknown = self.figures, ~known
        count = self.pattern @ unknown.astype(np.float64)
        is_plain = (abs(self.units @ unknown.astype(np.float64)) == count) & (self.uncounted @ unknown == 0)
        is_sum = is_plain & (count > 0) & (count < self.sizes)
        people = self.pattern @ (figures.counts * unknown)
        others = self.pattern @ np.where(unknown, figures.bases - figures.counts, 0.0)
        return np.where(is_sum, people, np.inf), np.where(is_sum & self.is_of_groups, others, np.inf)

    def _reachable(self, numbers: Iterable[int]) -> set[int]:
        """Shown cells of these relations or, if all are hidden, of the nearest ones that share a hidden cell."""
        seen, frontier = set(numbers), set(numbers)
        while frontier:
            cells = {int(cell) for number in frontier for cell in self.members[number]}
            shown = {cell for cell in cells if not self.hidden[cell]}
            if shown:
                return shown
            frontier = {number for cell in cells for number in self.of_cell[cell]} - seen
            seen |= frontier
        return set()

    def _hide_cheapest(self, shown: set[int]) -> list[int]:
        if not shown:
            return []
        cheapest = self._cheapest(shown)
        self.hidden[cheapest] = self.guarded[cheapest] = True
        for number in self.of_cell[cheapest]:
            self.close(number)
        return self.of_cell[cheapest]

    def _cheapest(self, shown: Iterable[int]) -> int:
        """Of the lowest rank, then the one that leaves the fewest relations with a single hidden cell."""

        def loss(cell: int) -> tuple[float, int, float, int]:
            opened = sum(not self.hidden[self.members[number]].any() for number in self.of_cell[cell])
            return self.figures.cost[cell][0], opened, self.figures.cost[cell][1], cell

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
