"""Which hidden figures can be computed from the shown ones: by linear algebra over how the figures add up."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpstrf
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray, IntArray

# Of real surveys with 2,000 hidden cells the known ones had 1e-10 left, by rounding, and all others 6e-4 and more.
EXPOSED_BELOW, RANK_FROM = 1e-8, 1e-9


@dataclass(frozen=True)
class Part:
    """Hidden cells that relations join: what a reader knows of them, as orthonormal rows (`held` of the relations,
    `shown` of cells shown since), and how much of each cell that leaves free, from 0 to 1."""

    cells: IntArray
    held: FloatArray
    left: FloatArray
    shown: tuple[FloatArray, ...] = ()

    def known(self) -> IntArray:
        return self.cells[self.left < EXPOSED_BELOW]

    def show(self, cell: int) -> "Part":
        at = int(np.searchsorted(self.cells, cell))
        free = -(self.held.T @ self.held[:, at])
        free[at] += 1
        for row in self.shown:
            free -= row[at] * row
        free /= np.sqrt(free[at])
        return replace(self, left=self.left - free**2, shown=(*self.shown, free))


class Freedom:
    """How the hidden cells can still vary, given relations that the reader knows to be zero.

    Cells that relations join are a part. A cell without any freedom is `known`: every solution of the relations is the
    same there.
    """

    def __init__(self, known: BoolArray, parts: dict[int, Part], part_of: dict[int, int]) -> None:
        self.known, self._parts, self._part_of = known, parts, part_of

    @classmethod
    def of_hidden(cls, relations: csr_array, hidden: BoolArray, seen: dict[bytes, Part]) -> "Freedom":
        """The freedom of hidden cells. `seen` keeps what is found of joined cells for the next call, and no longer."""
        cells, known = np.flatnonzero(hidden), ~hidden
        parts: dict[int, Part] = {}
        part_of: dict[int, int] = {}
        if len(cells) and relations.shape[0]:
            system = relations[:, cells]
            system = system[np.diff(system.indptr) > 0]
            _, joined = connected_components(abs(system.T) @ abs(system), directed=False)
            order = np.argsort(joined, kind="stable")
            for number, inside in enumerate(np.split(order, np.flatnonzero(np.diff(joined[order])) + 1)):
                mine = cells[inside]
                parts[number] = seen.get(mine.tobytes()) or _part(mine, system[:, inside])
                part_of |= dict.fromkeys(mine.tolist(), number)
                known[parts[number].known()] = True
        seen.clear()
        seen.update((part.cells.tobytes(), part) for part in parts.values())
        return cls(known, parts, part_of)

    def show(self, cells: Iterable[int]) -> "Freedom":
        """What is left if these cells are known as well."""
        known, parts = self.known.copy(), dict(self._parts)
        for cell in cells:
            if not known[cell]:
                number = self._part_of[cell]
                parts[number] = parts[number].show(cell)
                known[parts[number].known()] = True
                known[cell] = True
        return Freedom(known, parts, self._part_of)


def _part(cells: IntArray, system: csr_array) -> Part:
    """What all rows of a system hold of its cells, by Cholesky with pivoting: many times faster than an orthogonal
    factorisation, and sums of ones and small weights lose nothing that matters by being squared."""
    rows = system[np.diff(system.indptr) > 0]
    if not rows.shape[0]:
        return Part(cells, np.zeros((0, len(cells))), np.ones(len(cells)))
    products = (rows @ rows.T).toarray()
    factor, pivots, rank, _ = dpstrf(products, tol=RANK_FROM * products.diagonal().max(), lower=1)
    held = solve_triangular(factor[:rank, :rank], rows[pivots[:rank] - 1].toarray(), lower=True, check_finite=False)
    return Part(cells, held, 1 - (held**2).sum(axis=0))
