"""The columns that a specification is fitted to: predicted quality, controls that vary, dummies of silent weeks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.calibration import Quality, read_quality
from pipeline.analysis.growth.corrected import find_map
from pipeline.analysis.growth.shrinkage import FirstStep
from pipeline.analysis.growth.specifications import COMPARED, SILENCE, SILENCE_TERMS, Specification
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel.data import read_blocks, read_sample
from pipeline.analysis.panel.inference import regress_within

_ROW = "number of the row"


@dataclass(frozen=True)
class Design:
    """A model's table, sorted by account and week and without rows that its effects fit alone."""

    weeks: pa.Table  # the rows of the panel behind it
    table: pa.Table
    outcome: str
    terms: list[str]  # quality first
    quality: Quality


def build_design(weeks: pa.Table, specification: Specification, first_step: FirstStep | None) -> Design:
    """Table, terms and quality of the specification on `weeks`, which `select_weeks` chose.

    Controls that do not vary at all (nobody's following moved, say) are left out. Raises InsufficientDataError where no
    rows are left, ValueError where quality does not vary beyond chance.
    """
    weeks = _sort_and_prune(weeks, specification)
    quality = read_quality(weeks, specification, first_step)
    table = split_by_platform(weeks.select([UNIT, TIME, specification.outcome]))
    for term, values in zip(quality.terms, quality.predicted.T, strict=True):
        table = table.append_column(term, pa.array(values))
    compared = {term for name in COMPARED for term in specification.parts.get(name, ())}
    for term, column in specification.controls.items():
        if term in compared or np.ptp(weeks[column].to_numpy()) > 0:
            table = table.append_column(term, weeks[column])
    for column in specification.quality.values():
        is_silent = pc.fill_null(weeks[SILENCE[column]], False).cast(pa.float64())
        if np.ptp(is_silent.to_numpy()) > 0:
            table = table.append_column(SILENCE_TERMS[column], is_silent)
    terms = table.column_names[3:]
    if specification.offset:
        table = table.append_column("offset", weeks[specification.offset])
    return Design(weeks, table, specification.outcome, terms, quality)


def correct_columns(design: Design) -> pa.Table:
    """The table with corrected quality, for models that are not least squares on all of its terms.

    Raises ValueError as `find_map` does, and for terms that are collinear.
    """
    sample = read_blocks(design.table, outcome=design.outcome, regressors=design.terms, unit=UNIT, time=TIME)
    regression = regress_within(sample, outcome=design.outcome, terms=design.terms)
    count = len(design.quality.terms)
    terms = find_map(design.quality, regression.effects, regression.x, regression.bread)
    corrected: npt.NDArray[np.float64] = np.vstack([block.regressors for block in sample]) @ terms[:, :count]
    table = design.table
    for term, values in zip(design.quality.terms, corrected.T, strict=True):
        table = table.set_column(table.column_names.index(term), term, pa.array(values))
    return table


def _sort_and_prune(weeks: pa.Table, specification: Specification) -> pa.Table:
    numbered = split_by_platform(weeks.select([UNIT, TIME, specification.outcome])).append_column(
        _ROW, pa.array(np.arange(len(weeks)))
    )
    sample = read_sample(numbered, outcome=specification.outcome, regressors=[_ROW], unit=UNIT, time=TIME)
    rows = sample.regressors[:, 0].astype(np.int64)
    return weeks if len(rows) == len(weeks) and (np.diff(rows) > 0).all() else weeks.take(pa.array(rows))
