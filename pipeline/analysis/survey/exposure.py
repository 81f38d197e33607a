"""Which hidden figures can be computed from the shown ones: by linear algebra over how the figures add up."""

from collections.abc import Iterable

import numpy as np
from scipy.linalg import qr
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray, IntArray

EXPOSED_BELOW, RANK_FROM = 1e-10, 1e-10
Part = tuple[IntArray, FloatArray]


class Freedom:
    """How the hidden cells can still vary, given relations that the reader knows to be zero.

    Cells that relations join are a part; each has the projection on what its relations leave free, and a cell without
    any freedom is `known`: every solution of the relations is the same there.
    """

    def __init__(self, known: BoolArray, parts: dict[int, Part], part_of: dict[int, int]) -> None:
        self.known, self._parts, self._part_of = known, parts, part_of

    @classmethod
    def of_hidden(cls, relations: csr_array, hidden: BoolArray, seen: dict[bytes, FloatArray]) -> "Freedom":
        """The freedom of hidden cells. `seen` keeps what is found of joined cells for the next call."""
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
                if (key := mine.tobytes()) not in seen:
                    seen[key] = _free(system[:, inside])
                parts[number] = (mine, seen[key])
                part_of |= dict.fromkeys(mine.tolist(), number)
                known[mine[np.diagonal(seen[key]) < EXPOSED_BELOW]] = True
        return cls(known, parts, part_of)

    def show(self, cells: Iterable[int]) -> "Freedom":
        """What is left if these cells are known as well."""
        known, parts = self.known.copy(), dict(self._parts)
        for cell in cells:
            if not known[cell]:
                mine, free = parts[self._part_of[cell]]
                along = free[:, np.searchsorted(mine, cell)]
                free = free - np.outer(along, along / along[np.searchsorted(mine, cell)])
                parts[self._part_of[cell]] = (mine, free)
                known[mine[np.diagonal(free) < EXPOSED_BELOW]] = True
                known[cell] = True
        return Freedom(known, parts, self._part_of)


def _free(system: csr_array) -> FloatArray:
    """The projection on the vectors that all rows of the system map to zero."""
    rows = system[np.diff(system.indptr) > 0].toarray()
    everything = np.eye(system.shape[1])
    if not len(rows):
        return everything
    directions, triangle, _ = qr(rows.T, mode="economic", pivoting=True, overwrite_a=True, check_finite=False)
    sizes = np.abs(np.diagonal(triangle))
    held = directions[:, : len(sizes)][:, sizes > RANK_FROM * sizes[0]]
    return np.asarray(everything - held @ held.T, dtype=np.float64)
