"""Tables of the warehouse as they are read for a panel too long for memory: some whole accounts at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.weeks import TIME, UNIT

# A row of a model takes some 200 bytes in each of about five arrays that are alive at a time: 64 MiB.
BLOCK_ROWS = 65_536
_BATCH_ROWS = 16_384


def cut_accounts(*relations: Any) -> list[str]:
    """Keys of the accounts after which to cut DuckDB relations, all of them there, into parts of about BLOCK_ROWS."""
    sizes: dict[str, int] = {}
    for relation in relations:
        counts = relation.aggregate(f"{UNIT}, count(*) as row_count", UNIT).to_arrow_table()
        for key, count in zip(*(counts[name].to_pylist() for name in (UNIT, "row_count")), strict=True):
            sizes[key] = sizes.get(key, 0) + count
    keys = sorted(sizes)
    parts = np.cumsum([sizes[key] for key in keys]) // (BLOCK_ROWS * max(len(relations), 1))
    return [keys[place] for place in np.flatnonzero(np.diff(parts))]


def read_accounts(relation: Any, columns: Sequence[str], cuts: Sequence[str]) -> Iterator[pa.Table]:
    """The columns of a DuckDB relation in `len(cuts) + 1` tables, by account and week; read to the end before others.

    A connection streams one result at a time: another query ends it. Keys are compared by their bytes, like text in
    DuckDB.
    """
    reader = relation.project(", ".join(columns)).order(f"{UNIT}, {TIME}").to_arrow_reader(_BATCH_ROWS)
    left = list(cuts)
    part: list[pa.RecordBatch] = []
    for batch in reader:
        rest = batch
        while left and len(rest) and rest.column(UNIT)[-1].as_py() > left[0]:
            count = pc.sum(pc.less_equal(rest.column(UNIT), left.pop(0))).as_py()
            yield pa.Table.from_batches([*part, rest.slice(0, count)], reader.schema)
            part, rest = [], rest.slice(count)
        part.append(rest)
    yield pa.Table.from_batches(part, reader.schema)
    yield from (reader.schema.empty_table() for _ in left)
