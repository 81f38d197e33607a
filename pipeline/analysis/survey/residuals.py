"""Which cells of a table stand out: adjusted residuals, with design-based standard errors where there is a design.

Whether there is an association at all is tested in `association`.
"""

import math

import numpy as np
import pyarrow as pa
from scipy.special import ndtr, stdtr

from pipeline.analysis.proportions import holm
from pipeline.analysis.survey.association import TINY, CellTable, cell_table
from pipeline.analysis.survey.design import Columns, read_design
from pipeline.analysis.survey.respondent_columns import (
    FloatArray,
    read_answers,
    read_categories,
    read_column,
)

RESIDUALS = pa.schema(
    [
        ("segment", pa.string()),
        ("option", pa.string()),
        ("adjusted_residual", pa.float64()),
        ("p_value", pa.float64()),
        ("p_value_adjusted", pa.float64()),
    ]
)


def adjusted_residuals(
    table: pa.Table,
    *,
    question: str,
    segment: str,
    weight: str | None = None,
    strata: str | None = None,
    cluster: Columns = None,
    fpc: Columns = None,
) -> pa.Table:
    """How far each cell of a single-choice question is from independence, in standard errors.

    One row per segment and option: adjusted_residual, its two-sided p_value and p_value_adjusted (Holm over the cells);
    null where a cell has no variance. Input as in `segment_shares`. Without weight, strata, cluster and fpc the sample
    is a simple random one: residuals are Haberman's, (observed - expected) / sqrt(expected (1 - row share) (1 - column
    share)), against the normal distribution. Otherwise the standard error is that of the design, against t on its
    degrees of freedom. Source: Haberman 1973.
    """
    design = read_design(table, weight=weight, strata=strata, cluster=cluster, fpc=fpc)
    answers = read_answers(table, question, multi=False)
    codes, labels = read_categories(read_column(table, segment))
    domain = np.flatnonzero(answers.answered & (codes >= 0) & (design.weight > 0))
    chosen = np.argmax(answers.selected, axis=1)
    cells, kept_rows, kept_columns = cell_table(codes, chosen, domain, design)
    is_simple = weight is None and strata is None and not cluster and not fpc
    residual, p_values = _simple_residuals(cells) if is_simple else _residuals(cells)
    names = [(labels[row], answers.options[column]) for row in kept_rows for column in kept_columns]
    known = [None if math.isnan(value) else float(value) for value in p_values]
    return pa.Table.from_pylist(
        [
            {
                "segment": name[0],
                "option": name[1],
                "adjusted_residual": None if math.isnan(value) else float(value),
                "p_value": p,
                "p_value_adjusted": adjusted,
            }
            for name, value, p, adjusted in zip(names, residual, known, holm(known), strict=True)
        ],
        schema=RESIDUALS,
    )


def _simple_residuals(cells: CellTable) -> tuple[FloatArray, FloatArray]:
    by_row, by_column = cells.shares.sum(axis=1), cells.shares.sum(axis=0)
    expected = np.outer(by_row, by_column)
    variance = expected * np.outer(1 - by_row, 1 - by_column) / max(cells.n, 1)
    gap = cells.shares - expected
    known = variance > TINY * TINY
    residual = np.where(known, gap / np.sqrt(np.where(known, variance, 1.0)), np.nan).reshape(-1)
    return residual, np.asarray(2 * ndtr(-np.abs(residual)), dtype=np.float64)


def _residuals(cells: CellTable) -> tuple[FloatArray, FloatArray]:
    """Adjusted residual and two-sided p of each cell, row by row; NaN without variance."""
    rows, columns = cells.shares.shape
    by_row, by_column = cells.shares.sum(axis=1), cells.shares.sum(axis=0)
    in_row = np.kron(np.eye(rows), np.ones((1, columns)))
    in_column = np.kron(np.ones((1, rows)), np.eye(columns))
    row_of, column_of = np.divmod(np.arange(rows * columns), columns)
    # Gradient of p_ij - p_i. p_.j over all cells.
    gradient = np.eye(rows * columns)
    gradient -= by_column[column_of][:, None] * in_row[row_of] + by_row[row_of][:, None] * in_column[column_of]
    variance = np.einsum("ij,jk,ik->i", gradient, cells.covariance, gradient)
    gap = (cells.shares - np.outer(by_row, by_column)).reshape(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.where(variance > TINY * TINY, gap / np.sqrt(np.maximum(variance, 0)), np.nan)
    if cells.degrees < 1:
        return residual, np.full(len(residual), np.nan)
    return residual, 2 * stdtr(float(cells.degrees), -np.abs(residual))
