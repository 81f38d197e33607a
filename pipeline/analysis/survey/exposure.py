"""Which hidden figures can be computed from the shown ones: by linear algebra over how the figures add up."""

import numpy as np
from scipy.linalg import qr
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pipeline.analysis.survey.columns import BoolArray, IntArray

EXPOSED_BELOW, RANK_FROM = 1e-10, 1e-10


def exposed_cells(relations: csr_array, hidden: BoolArray, seen: dict[bytes, IntArray] | None = None) -> IntArray:
    """Hidden cells that follow from the shown ones: those at which every solution of the relations is the same.

    Cells that no relation joins are solved apart. `seen` keeps what is found of joined cells for the next call.
    """
    cells = np.flatnonzero(hidden)
    if not len(cells) or relations.shape[0] == 0:
        return np.array([], dtype=np.int64)
    system = relations[:, cells]
    system = system[np.diff(system.indptr) > 0]
    _, part_of = connected_components(abs(system.T) @ abs(system), directed=False)
    order = np.argsort(part_of, kind="stable")
    seen, found = {} if seen is None else seen, []
    for inside in np.split(order, np.flatnonzero(np.diff(part_of[order])) + 1):
        key = cells[inside].tobytes()
        if key not in seen:
            seen[key] = cells[inside[_is_fixed(system[:, inside])]]
        found.append(seen[key])
    return np.sort(np.concatenate(found))


def _is_fixed(system: csr_array) -> BoolArray:
    """Unknowns without freedom: no vector that all rows of the system map to zero differs from zero there."""
    rows = system[np.diff(system.indptr) > 0].toarray()
    if not len(rows):
        return np.zeros(system.shape[1], dtype=np.bool_)
    directions, triangle, _ = qr(rows.T, mode="economic", pivoting=True, overwrite_a=True, check_finite=False)
    sizes = np.abs(np.diagonal(triangle))
    held = directions[:, : len(sizes)][:, sizes > RANK_FROM * sizes[0]]
    return np.asarray(1 - (held**2).sum(axis=1) < EXPOSED_BELOW)
