"""Accounts of the growth panel: one order of their weeks, and the segments that they belong to.

No estimates here. Which weeks enter a model is in `specifications`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.shrinkage import CELL_COLUMNS, FirstStep, measure_chances, place_cells
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel.blocks import Spool
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


@dataclass(frozen=True)
class AccountWeeks:
    """All panel weeks of some accounts, and what is known of the chance in their quality."""

    table: pa.Table
    first_step: FirstStep | None  # attached to the table


@dataclass(frozen=True)
class AccountPanel:
    """The panel, some accounts at a time in ascending order of their keys."""

    blocks: Iterable[AccountWeeks]
    changes: tuple[Mapping[str, float], ...] | None  # of each spread of the first step, by account; None without one

    def select(self, choose: Callable[[pa.Table], pa.Table]) -> "AccountPanel":
        """The panel with what `choose` leaves of each block, for one reading."""
        chosen = (replace(block, table=choose(block.table)) for block in self.blocks)
        return replace(self, blocks=(block for block in chosen if block.table.num_rows))


def hold_panel(panel: pa.Table, first_step: FirstStep | None) -> AccountPanel:
    """A panel in one piece, to which the first step is attached."""
    changes = tuple(spread.changes for spread in first_step.spreads) if first_step else None
    return AccountPanel([AccountWeeks(panel, first_step)], changes)


def read_panel(
    panel: pa.Table | Iterable[pa.Table], cells: pa.Table | Iterable[pa.Table] | None, columns: Sequence[str]
) -> AccountPanel:
    """The columns of the panel in order, with the first step of the cells attached.

    Both are tables or, read once and one after the other, as many tables of the same accounts, ascending and all weeks
    of each.
    """
    blocks: Spool[AccountWeeks] = Spool()
    if cells is None:
        for table in _list_tables(panel):
            blocks.append(AccountWeeks(order_weeks(table, columns), None))
        return AccountPanel(blocks, None)
    weeks: Spool[pa.Table] = Spool()
    cells_of: Spool[pa.Table] = Spool()
    for table in _list_tables(panel):
        weeks.append(order_weeks(table, columns))
    for table in _list_tables(cells):
        cells_of.append(table.select(CELL_COLUMNS))
    chances = measure_chances(cells_of)
    changes: tuple[Mapping[str, float], ...] = ()
    for table, known in zip(weeks, cells_of, strict=True):
        step = place_cells(known, chances)
        changes = tuple(spread.changes for spread in step.spreads)
        blocks.append(AccountWeeks(step.attach(table), step.without_changes()))
    return AccountPanel(blocks, changes)


def _list_tables(tables: pa.Table | Iterable[pa.Table]) -> Iterable[pa.Table]:
    return [tables] if isinstance(tables, pa.Table) else tables


def select_segment(panel: pa.Table, group: Mapping[str, str], segment: str) -> pa.Table:
    """Rows of the accounts that belong to the segment."""
    members = [key for key, other in group.items() if other == segment]
    return panel.filter(pc.is_in(panel[UNIT], value_set=pa.array(members, pa.string())))
