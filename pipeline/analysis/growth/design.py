"""The columns that a specification is fitted to: predicted quality, controls that vary, dummies of silent weeks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.accounts import AccountWeeks
from pipeline.analysis.growth.calibration import Quality, read_quality
from pipeline.analysis.growth.corrected import find_map
from pipeline.analysis.growth.specifications import COMPARED, SILENCE, SILENCE_TERMS, Specification
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import PanelSample, read_blocks
from pipeline.analysis.panel.inference import regress_within

_ROW = "number of the row"


@dataclass(frozen=True)
class Design:
    """A model's rows, sorted by account and week, without those that its effects fit alone; some accounts at a time."""

    outcome: str
    terms: list[str]  # quality first
    quality: Quality
    row_count: int
    week_count: int
    _weeks: Spool[AccountWeeks] = field(repr=False)
    _columns: Mapping[str, str] = field(repr=False)  # of the panel, by term; without quality
    _offset: str | None
    _platforms: dict[str, int] = field(repr=False)

    def tables(self) -> Iterator[pa.Table]:
        """Account, week of the platform, outcome, terms and, of a count model, the offset; some accounts at a time."""
        for block, rows in zip(self._weeks, self.quality.rows, strict=True):
            weeks = block.table
            table = split_by_platform(weeks.select([UNIT, TIME, self.outcome]), self._platforms)
            for term, values in zip(self.quality.terms, rows.predicted.T, strict=True):
                table = table.append_column(term, pa.array(values))
            for term, column in self._columns.items():
                is_flag = column in SILENCE.values()
                table = table.append_column(term, _read_flags(weeks, column) if is_flag else weeks[column])
            yield table.append_column("offset", weeks[self._offset]) if self._offset else table


def build_design(
    blocks: Iterable[AccountWeeks], specification: Specification, changes: Sequence[Mapping[str, float]] | None
) -> Design:
    """Rows, terms and quality of the specification on weeks that `select_weeks` chose, which are read once.

    `changes` are those of the first step (None without one). Controls that do not vary at all (nobody's following
    moved, say) are left out. Raises InsufficientDataError where no rows are left, ValueError where quality does not
    vary beyond chance.
    """
    platforms: dict[str, int] = {}
    weeks = _sort_and_prune(blocks, specification, platforms)
    quality = read_quality(weeks, specification, changes)
    compared = {term for name in COMPARED for term in specification.parts.get(name, ())}
    columns = dict(specification.controls)
    columns |= {SILENCE_TERMS[column]: SILENCE[column] for column in specification.quality.values()}
    varying = _find_varying(weeks, set(columns.values()))
    columns = {term: column for term, column in columns.items() if term in compared or column in varying}
    days = {day for block in weeks for day in pc.unique(block.table[TIME]).to_pylist()}
    return Design(
        outcome=specification.outcome,
        terms=[*quality.terms, *columns],
        quality=quality,
        row_count=sum(block.table.num_rows for block in weeks),
        week_count=len(days),
        _weeks=weeks,
        _columns=columns,
        _offset=specification.offset,
        _platforms=platforms,
    )


def correct_columns(design: Design) -> Iterator[pa.Table]:
    """The tables with corrected quality, for models that are not least squares on all of its terms.

    Raises ValueError as `find_map` does, and for terms that are collinear.
    """
    sample = read_blocks(design.tables(), outcome=design.outcome, regressors=design.terms, unit=UNIT, time=TIME)
    regression = regress_within(sample, outcome=design.outcome, terms=design.terms)
    terms = find_map(design.quality, regression)[:, : len(design.quality.terms)]
    for table in design.tables():
        predicted = np.column_stack([table[term].cast(pa.float64()).to_numpy() for term in design.terms])
        for term, values in zip(design.quality.terms, (predicted @ terms).T, strict=True):
            table = table.set_column(table.column_names.index(term), term, pa.array(values))
        yield table


def _read_flags(weeks: pa.Table, column: str) -> pa.ChunkedArray:
    return pc.fill_null(weeks[column], False).cast(pa.float64())


def _find_varying(weeks: Iterable[AccountWeeks], columns: set[str]) -> set[str]:
    """Columns that are not the same in all rows."""
    limits: dict[str, tuple[float, float]] = {}
    for block in weeks:
        for column in columns:
            is_flag = column in SILENCE.values()
            values = (_read_flags(block.table, column) if is_flag else block.table[column]).to_numpy()
            low, high = limits.get(column, (np.inf, -np.inf))
            limits[column] = (min(low, values.min()), max(high, values.max()))
    return {column for column, (low, high) in limits.items() if high > low}


def _sort_and_prune(
    blocks: Iterable[AccountWeeks], specification: Specification, platforms: dict[str, int]
) -> Spool[AccountWeeks]:
    read: Spool[AccountWeeks] = Spool()

    def number() -> Iterator[pa.Table]:
        start = 0
        for block in blocks:
            read.append(block)
            numbers = pa.array(np.arange(start, start + block.table.num_rows))
            table = split_by_platform(block.table.select([UNIT, TIME, specification.outcome]), platforms)
            yield table.append_column(_ROW, numbers)
            start += block.table.num_rows

    sample = read_blocks(number(), outcome=specification.outcome, regressors=[_ROW], unit=UNIT, time=TIME)
    kept: Spool[AccountWeeks] = Spool()
    chosen, start = iter(sample), 0
    rows: npt.NDArray[np.int64] | None = _number_rows(next(chosen))
    for block in read:
        stop = start + block.table.num_rows
        # A block may have no row left, and then the sample has none of it.
        if rows is not None and start <= rows.min() < stop:
            own = rows - start
            is_whole = len(own) == block.table.num_rows and bool((np.diff(own) > 0).all())
            kept.append(block if is_whole else replace(block, table=block.table.take(pa.array(own))))
            following = next(chosen, None)
            rows = None if following is None else _number_rows(following)
        start = stop
    return kept


def _number_rows(sample: PanelSample) -> npt.NDArray[np.int64]:
    return sample.regressors[:, 0].astype(np.int64)
