"""Accounts of the growth panel: one order of their weeks, and the segments that they belong to.

No estimates here. Which weeks enter a model is in `specifications`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel.data import read_labels

# Segment of each account, by dimension.
Groups = Mapping[str, Mapping[str, str]]


def read_groups(segments: pa.Table) -> Groups:
    """Segment of each account by dimension, from rows of account_key, segment_dimension and segment."""
    groups: dict[str, dict[str, str]] = {}
    for row in segments.select([UNIT, "segment_dimension", "segment"]).to_pylist():
        groups.setdefault(row["segment_dimension"], {})[row[UNIT]] = row["segment"]
    return groups


def order_weeks(panel: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The columns of the panel by account and week, text as dictionaries.

    One order for every process and database, so that sums come out the same. It is made once: filters keep it, and no
    later step compares text.
    """
    order = pa.array(np.lexsort((panel[TIME].to_numpy(), read_labels(panel, UNIT)[0])))
    ordered = {}
    for name in columns:
        column = panel[name].combine_chunks()
        # Codes are moved, not text.
        ordered[name] = (column.dictionary_encode() if pa.types.is_string(column.type) else column).take(order)
    return pa.table(ordered)


def select_segment(panel: pa.Table, group: Mapping[str, str], segment: str) -> pa.Table:
    """Rows of the accounts that belong to the segment."""
    members = [key for key, other in group.items() if other == segment]
    return panel.filter(pc.is_in(panel[UNIT], value_set=pa.array(members, pa.string())))
