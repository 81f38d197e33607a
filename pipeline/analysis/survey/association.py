"""Does an answer depend on the segment: Rao-Scott test, and how strong the association is.

One test was chosen in advance: the second-order F of Rao and Scott. Adjusted p-values for several options are Holm's;
adjustment over a whole book of tests is the caller's (`proportions.benjamini_hochberg`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import fdtrc

from pipeline.analysis.proportions import cramers_v, holm
from pipeline.analysis.survey.design import Columns, Design, read_design
from pipeline.analysis.survey.respondent_columns import (
    Answers,
    FloatArray,
    IntArray,
    read_answers,
    read_categories,
    read_column,
)
from pipeline.analysis.survey.shares import BLOCK

RAO_SCOTT = "rao_scott_f"
TINY = 1e-12
SPARSE_BELOW = 5.0  # expected respondents in a cell: the usual rule for tests of this family (Cochran 1954)
TESTS = pa.schema(
    [
        ("option", pa.string()),
        ("test", pa.string()),
        ("statistic", pa.float64()),
        ("df_num", pa.float64()),
        ("df_den", pa.float64()),
        ("p_value", pa.float64()),
        ("p_value_adjusted", pa.float64()),
        ("cramers_v", pa.float64()),
        ("base_count", pa.int64()),
        ("chi_square", pa.float64()),
        ("min_expected", pa.float64()),
        ("is_sparse", pa.bool_()),
        ("status", pa.string()),
        ("status_reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class CellTable:
    """Weighted two-way table of one domain: shares (segments x answers), their covariance, n and degrees of freedom."""

    shares: FloatArray
    covariance: FloatArray
    n: int
    degrees: int


def association_test(
    table: pa.Table,
    *,
    question: str | Sequence[str],
    segment: str,
    weight: str | None = None,
    strata: str | None = None,
    cluster: Columns = None,
    fpc: Columns = None,
    multi: bool = False,
) -> pa.Table:
    """Rao-Scott second-order F test of answer against segment: one row, or one per option of a multi-select question.

    Columns: option (null for a single-choice question), test, statistic (F), df_num, df_den, p_value, p_value_adjusted
    (Holm over the options), cramers_v (weighted, bias-corrected), base_count, chi_square (Pearson's, of weighted shares
    times respondents), min_expected (the smallest expected count of a cell, likewise), is_sparse (that is below 5: read
    the p-value with care), status (ok or not_testable) and status_reason. Input as in `segment_shares`. The test is
    never run on the stacked options of a multi-select question: they come from the same people.
    Sources: Rao and Scott 1984; Thomas and Rao 1987; Bergsma 2013.
    """
    design = read_design(table, weight=weight, strata=strata, cluster=cluster, fpc=fpc)
    answers = read_answers(table, question, multi=multi)
    codes, _ = read_categories(read_column(table, segment))
    return test_answers(answers, codes, design, multi=multi)


def cell_table(
    rows: IntArray, columns: IntArray, domain: IntArray, design: Design
) -> tuple[CellTable, IntArray, IntArray]:
    """The two-way table of codes within a domain, and which row and column codes occur there."""
    kept_rows, at_row = np.unique(rows[domain], return_inverse=True)
    kept_columns, at_column = np.unique(columns[domain], return_inverse=True)
    cell, count = at_row * len(kept_columns) + at_column, len(kept_rows) * len(kept_columns)
    weight = design.weight[domain] / max(float(design.weight[domain].sum()), np.finfo(float).tiny)
    shares = np.bincount(cell, weights=weight, minlength=count).astype(np.float64)
    if design.is_plain:
        covariance = _covariance_of_people(cell, weight, shares, domain, design)
    else:
        scores = -weight[:, None] * shares[None, :]
        scores[np.arange(len(domain)), cell] += weight
        covariance = design.covariance(scores, domain)
    shape = (len(kept_rows), len(kept_columns))
    table = CellTable(shares.reshape(shape), covariance, len(domain), design.degrees_of_freedom(domain))
    return table, kept_rows, kept_columns


def rao_scott(cells: CellTable) -> tuple[float, float, float, float] | str:
    """(F, df_num, df_den, p) of a table, or why it cannot be tested."""
    rows, columns = cells.shares.shape
    if min(rows, columns) < 2:
        return "fewer than two segments or fewer than two answers occur"
    if cells.degrees < 1:
        return "no degrees of freedom: as many strata as clusters"
    flat = cells.shares.reshape(-1)
    inverse = np.divide(1.0, flat, out=np.zeros_like(flat), where=flat > 0)
    contrast = np.kron(_contrasts(rows), _contrasts(columns))
    scaled = inverse[:, None] * contrast
    under_simple = contrast.T @ scaled / cells.n
    observed = scaled.T @ cells.covariance @ scaled
    if np.linalg.matrix_rank(under_simple, tol=TINY * float(np.abs(under_simple).max())) < len(under_simple):
        return "too many empty cells"
    effects = np.linalg.solve(under_simple, observed)
    trace, square = float(np.trace(effects)), float(np.trace(effects @ effects))
    if trace <= TINY or square <= TINY * TINY:
        return "the answers follow from the segment: the test has no degrees of freedom"
    expected = np.outer(cells.shares.sum(axis=1), cells.shares.sum(axis=0))
    statistic = cells.n * float(((cells.shares - expected) ** 2 / expected).sum()) / trace
    df_num = trace * trace / square
    return statistic, df_num, df_num * cells.degrees, float(fdtrc(df_num, df_num * cells.degrees, statistic))


def against_the_rest(answers: Answers, member: np.ndarray, rest: np.ndarray, design: Design) -> FloatArray:
    """p of each option between a segment and the rest (row numbers each), by Rao-Scott on the 2 x 2 table.

    NaN where everybody or nobody of both chose the option, or no degrees of freedom are left.
    """
    domain = np.concatenate([member, rest])
    weight = design.weight[domain]
    total, degrees = float(weight.sum()), design.degrees_of_freedom(domain)
    p_values = np.full(len(answers.options), np.nan)
    if degrees < 1 or not len(member) or not len(rest):
        return p_values
    inside = float(weight[: len(member)].sum()) / total
    for start in range(0, len(answers.options), BLOCK):
        ticked = answers.selected[domain, start : start + BLOCK]
        weighted = np.where(ticked, weight[:, None], 0.0)
        here = weighted[: len(member)].sum(axis=0) / total
        there = weighted[len(member) :].sum(axis=0) / total
        cells = np.stack([here, inside - here, there, 1 - inside - there])
        counts = np.stack([ticked[: len(member)].sum(axis=0), ticked[len(member) :].sum(axis=0)])
        empty = np.stack([counts[0] == 0, counts[0] == len(member), counts[1] == 0, counts[1] == len(rest)])
        inverse = np.where(empty, 0.0, 1 / np.where(empty, 1.0, cells))
        # The contrast +1 -1 -1 +1 over the four cells, each by its share; its mean is the sum over cells not empty.
        mean = (np.array([1.0, -1.0, -1.0, 1.0])[:, None] * ~empty).sum(axis=0)
        of_member = np.where(ticked[: len(member)], inverse[0], -inverse[1])
        of_rest = np.where(ticked[len(member) :], -inverse[2], inverse[3])
        scores = weight[:, None] * (np.concatenate([of_member, of_rest]) - mean) / total
        ratio = design.variances(scores, domain) * len(domain) / np.maximum(inverse.sum(axis=0), TINY)
        chosen = here + there
        expected_gap = here - inside * chosen
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = inside * (1 - inside) * chosen * (1 - chosen)
            statistic = len(domain) * expected_gap**2 / spread / ratio
        tested = (ratio > TINY) & ~(empty[0] & empty[2]) & ~(empty[1] & empty[3])
        p_value = fdtrc(1.0, float(degrees), np.where(tested, statistic, 1.0))
        p_values[start : start + BLOCK] = np.where(tested, p_value, np.nan)
    return p_values


def test_answers(answers: Answers, codes: IntArray, design: Design, *, multi: bool) -> pa.Table:
    """`association_test` on answers and segment codes (-1: in no segment) that have been read already."""
    domain = np.flatnonzero(answers.answered & (codes >= 0) & (design.weight > 0))
    tables: list[tuple[str | None, IntArray]]
    if multi:
        tables = [(option, answers.selected[:, at].astype(np.int64)) for at, option in enumerate(answers.options)]
    else:
        tables = [(None, np.argmax(answers.selected, axis=1))] if len(answers.options) else []
    rows = [{"option": option, **_test_row(codes, columns, domain, design)} for option, columns in tables]
    adjusted = holm([row["p_value"] for row in rows])
    return pa.Table.from_pylist(
        [{**row, "p_value_adjusted": p_value} for row, p_value in zip(rows, adjusted, strict=True)], schema=TESTS
    )


def _test_row(rows: IntArray, columns: IntArray, domain: IntArray, design: Design) -> dict[str, Any]:
    cells, _, _ = cell_table(rows, columns, domain, design)
    result = rao_scott(cells)
    reason = result if isinstance(result, str) else ""
    statistic, df_num, df_den, p_value = (None,) * 4 if isinstance(result, str) else result
    strength = cramers_v(cells.shares, sample_size=cells.n) if cells.n else None
    expected = np.outer(cells.shares.sum(axis=1), cells.shares.sum(axis=0))
    is_table = min(cells.shares.shape) > 1
    least = cells.n * float(expected.min()) if is_table else None
    chi_square = cells.n * float(((cells.shares - expected) ** 2 / expected).sum()) if is_table else None
    is_sparse = None if least is None else least < SPARSE_BELOW * (1 - TINY)
    if is_sparse and not reason:
        remark = f"sparse table: the smallest expected count is {least:.2g}, the p-value is approximate"
    else:
        remark = reason
    return {
        "test": RAO_SCOTT,
        "statistic": statistic,
        "df_num": df_num,
        "df_den": df_den,
        "p_value": p_value,
        "cramers_v": strength,
        "base_count": cells.n,
        "chi_square": chi_square,
        "min_expected": least,
        "is_sparse": is_sparse,
        "status": "not_testable" if reason else "ok",
        "status_reason": remark,
    }


def _contrasts(levels: int) -> FloatArray:
    """Differences of each level from the first: a basis of what is left besides the main effect."""
    return np.vstack([-np.ones((1, levels - 1)), np.eye(levels - 1)])


def _covariance_of_people(
    cell: IntArray, weight: FloatArray, shares: FloatArray, domain: IntArray, design: Design
) -> FloatArray:
    """Covariance of cell shares where respondents are drawn one by one, from sums per stratum and cell alone."""
    strata, count = design.psu_stratum[design.psu[domain]], len(shares)
    covariance = np.zeros((count, count))
    scale, centre = design.factors()
    for stratum in np.unique(strata):
        here = strata == stratum
        sums = np.bincount(cell[here], weights=weight[here], minlength=count)
        squares = np.bincount(cell[here], weights=weight[here] ** 2, minlength=count)
        total = sums - shares * sums.sum()
        cross = np.diag(squares) - np.outer(squares, shares) - np.outer(shares, squares)
        cross += squares.sum() * np.outer(shares, shares) - centre[stratum] * np.outer(total, total)
        covariance += scale[stratum] * cross
    return covariance
